-- Tokens of before there was "member:pii" go on reading what they read.
update token set abilities = replace(abilities, ']', ',"member:pii"]') where abilities <> '[]';
