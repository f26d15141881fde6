"""Currencies: the codes of ISO 4217 that money is paid in."""

from __future__ import annotations

import difflib

from sql.errors import InvalidInputError

_CODES = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
    GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW
    KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR
    MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR
    SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
    USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""

#: Active codes of ISO 4217 list one, without funds, metals and test codes.
CURRENCIES = frozenset(_CODES.split())


def currency(text: str, field: str = "currency") -> str:
    """Read a currency code, in either case.

    Raises
    ------
    InvalidInputError
        For what is not a code of ISO 4217.
    """
    code = text.strip().upper()
    if code in CURRENCIES:
        return code
    near = difflib.get_close_matches(code, sorted(CURRENCIES), n=3)
    hint = f", near it {', '.join(near)}" if near else ""
    raise InvalidInputError(
        f"{field} is {text!r}; use a three-letter code of ISO 4217 such as USD or EUR{hint}.",
        field=field,
    )
