"""What an exception of the driver means to a caller: try again, fix the data, or fix the code."""

from __future__ import annotations

import re

from clickhouse_connect.driver import exceptions as driver
from urllib3.exceptions import HTTPError

from sql.errors import DataError, PermanentStoreError, RetryableStoreError, StoreError

#: Longest message kept, in characters: engines quote the data they could not read.
MESSAGE_CHARS_MAX = 300

#: Engine codes after which the same call may succeed later.
RETRYABLE: dict[int, str] = {
    74: "CANNOT_READ_FROM_FILE_DESCRIPTOR",
    75: "CANNOT_WRITE_TO_FILE_DESCRIPTOR",
    95: "CANNOT_READ_FROM_SOCKET",
    96: "CANNOT_WRITE_TO_SOCKET",
    159: "TIMEOUT_EXCEEDED",
    173: "CANNOT_ALLOCATE_MEMORY",
    198: "DNS_ERROR",
    201: "QUOTA_EXCEEDED",
    202: "TOO_MANY_SIMULTANEOUS_QUERIES",
    203: "NO_FREE_CONNECTION",
    204: "CANNOT_FSYNC",
    209: "SOCKET_TIMEOUT",
    210: "NETWORK_ERROR",
    225: "NO_ZOOKEEPER",
    236: "ABORTED",
    241: "MEMORY_LIMIT_EXCEEDED",
    242: "TABLE_IS_READ_ONLY",
    243: "NOT_ENOUGH_SPACE",
    252: "TOO_MANY_PARTS",
    254: "NO_ACTIVE_REPLICAS",
    265: "NO_AVAILABLE_REPLICA",
    279: "ALL_CONNECTION_TRIES_FAILED",
    285: "TOO_FEW_LIVE_REPLICAS",
    286: "UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE",
    289: "REPLICA_IS_NOT_IN_QUORUM",
    294: "CANNOT_WRITE_TO_FILE",
    297: "SHARD_HAS_NO_CONNECTIONS",
    319: "UNKNOWN_STATUS_OF_INSERT",
    364: "RECEIVED_ERROR_TOO_MANY_REQUESTS",
    369: "ALL_REPLICAS_ARE_STALE",
    373: "SESSION_IS_LOCKED",
    384: "PART_IS_TEMPORARILY_LOCKED",
    394: "QUERY_WAS_CANCELLED",
    410: "EXTERNAL_SERVER_IS_NOT_RESPONDING",
    439: "CANNOT_SCHEDULE_TASK",
    473: "DEADLOCK_AVOIDED",
    519: "NO_REMOTE_SHARD_AVAILABLE",
    574: "DISTRIBUTED_TOO_MANY_PENDING_BYTES",
    677: "THREAD_WAS_CANCELED",
    692: "TOO_MANY_MUTATIONS",
    700: "USER_SESSION_LIMIT_EXCEEDED",
    722: "ASYNC_LOAD_WAIT_FAILED",
    733: "TABLE_IS_BEING_RESTARTED",
    735: "QUERY_WAS_CANCELLED_BY_CLIENT",
    745: "SERVER_OVERLOADED",
    749: "TCP_CONNECTION_LIMIT_REACHED",
    762: "HTTP_CONNECTION_LIMIT_REACHED",
    776: "RESOURCE_LIMIT_EXCEEDED",
    777: "MEMORY_RESERVATION_KILLED",
    778: "MEMORY_RESERVATION_FAILED",
    904: "TOO_MANY_UNAVAILABLE_SHARDS",
    999: "KEEPER_EXCEPTION",
    1017: "ASYNC_INSERT_FLUSH_TIMEOUT",
    1019: "QUERY_SLOT_ACQUISITION_TIMEOUT",
    1020: "MEMORY_RESERVATION_ACQUISITION_TIMEOUT",
}

#: Engine codes that blame the bytes or values sent.
DATA: dict[int, str] = {
    3: "UNEXPECTED_END_OF_FILE",
    6: "CANNOT_PARSE_TEXT",
    19: "SIZE_OF_FIXED_STRING_DOESNT_MATCH",
    25: "CANNOT_PARSE_ESCAPE_SEQUENCE",
    26: "CANNOT_PARSE_QUOTED_STRING",
    27: "CANNOT_PARSE_INPUT_ASSERTION_FAILED",
    32: "ATTEMPT_TO_READ_AFTER_EOF",
    33: "CANNOT_READ_ALL_DATA",
    38: "CANNOT_PARSE_DATE",
    39: "TOO_LARGE_SIZE_COMPRESSED",
    40: "CHECKSUM_DOESNT_MATCH",
    41: "CANNOT_PARSE_DATETIME",
    69: "ARGUMENT_OUT_OF_BOUND",
    72: "CANNOT_PARSE_NUMBER",
    92: "EMPTY_DATA_PASSED",
    108: "NO_DATA_TO_INSERT",
    117: "INCORRECT_DATA",
    128: "TOO_LARGE_ARRAY_SIZE",
    130: "CANNOT_READ_ARRAY_FROM_TEXT",
    131: "TOO_LARGE_STRING_SIZE",
    190: "SIZES_OF_ARRAYS_DONT_MATCH",
    271: "CANNOT_DECOMPRESS",
    321: "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE",
    349: "CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN",
    354: "ZLIB_INFLATE_FAILED",
    376: "CANNOT_PARSE_UUID",
    395: "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO",
    407: "DECIMAL_OVERFLOW",
    436: "PROTOBUF_BAD_CAST",
    441: "CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING",
    444: "UNKNOWN_PROTOBUF_FORMAT",
    448: "BROTLI_READ_FAILED",
    457: "BAD_QUERY_PARAMETER",
    467: "CANNOT_PARSE_BOOL",
    469: "VIOLATED_CONSTRAINT",
    561: "ZSTD_DECODER_FAILED",
    563: "CANNOT_READ_MAP_FROM_TEXT",
    618: "LZ4_DECODER_FAILED",
    626: "CANNOT_SKIP_UNKNOWN_FIELD",
    632: "UNEXPECTED_DATA_AFTER_PARSED_VALUE",
    638: "SNAPPY_UNCOMPRESS_FAILED",
    675: "CANNOT_PARSE_IPV4",
    676: "CANNOT_PARSE_IPV6",
    691: "UNKNOWN_ELEMENT_OF_ENUM",
    718: "TOO_SLOW_PARSING",
    760: "UNICODE_ERROR",
}

#: What the operating system says inside errors whose code says little.
_ROOM = re.compile(r"No space left on device|Too many open files|errno: (?:23|24|28|122)\b")
#: Says of any code that it was the bytes of an insert that could not be read.
_READING = re.compile(r"While executing \w+RowInputFormat\b")
_BUSY_STATUS = re.compile(r"HTTP status (?:408|429|502|503|504)\b")
_PREFIX = re.compile(r"^(?:.*?server response: )?(?:Code: \d+\.\s*)?(?:Code: \d+\.\s*|DB::\w+: )*")
_NOISE = re.compile(
    r"\s*\(version [^()]*(?:\([^()]*\)[^()]*)*\)\.?|\s*\(in file/uri [^)]*\)|\s*Stack trace:.*",
    re.DOTALL,
)
_NAMES = re.compile(r"(?:[.\s]*\([A-Z][A-Z0-9_]+\))+\.?\s*$")


def translate(error: BaseException, *, secret: str = "", where: str = "") -> StoreError:
    """Map what the driver raised to a StoreError whose message may be shown.

    Parameters
    ----------
    secret
        Cut out of the message wherever it stands.
    where
        The address to name when the store never answered.
    """
    code = getattr(error, "code", None) or 0
    text = str(error)
    kind = _kind(error, code, text)
    shown = tidy(text, name=getattr(error, "name", None) or "", secret=secret)
    if where and not code and kind is RetryableStoreError:
        shown = f"The store at {where} does not answer: {shown}"
    return kind(shown, code=code)


def _kind(error: BaseException, code: int, text: str) -> type[StoreError]:
    if code in RETRYABLE or _ROOM.search(text):
        return RetryableStoreError
    if code in DATA or _READING.search(text):
        return DataError
    if code:
        return PermanentStoreError
    if isinstance(error, driver.DataError):
        return DataError
    if isinstance(error, driver.OperationalError | HTTPError | OSError):
        return RetryableStoreError
    return RetryableStoreError if _BUSY_STATUS.search(text) else PermanentStoreError


def tidy(text: str, *, name: str = "", secret: str = "") -> str:
    """Cut an engine's message to what a reader needs.

    No stack, no version trailer, no local path, no secret, at most MESSAGE_CHARS_MAX.
    """
    if secret:
        text = text.replace(secret, "***")
    text = _NOISE.sub("", text.strip())
    text = _PREFIX.sub("", text, count=1)
    text = " ".join(_NAMES.sub("", text).split()).rstrip(".") or "the store gave no reason"
    if len(text) > MESSAGE_CHARS_MAX:
        text = text[: MESSAGE_CHARS_MAX - 3] + "..."
    return f"{text} ({name})" if name else text
