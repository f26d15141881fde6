-- purpose: price what is stored from now on by the newest published book, without waiting for the dictionary's turn
-- params: none
-- columns: none
-- tables: price_points_dictionary
SYSTEM RELOAD DICTIONARY price_points_dictionary
