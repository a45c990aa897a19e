"""Mutants of the scans and of heads that no test can notice, each with the reason."""

from typing import Final

EQUIVALENT: Final[dict[str, str]] = {
    "_http1/received_lines.py escape_octets: if type(octets) is not bytes: -> if type(None)"
    " is not bytes:": ("Only slower: the careful way gives the same text."),
    "_http1/received_lines.py escape_octets: if not octets.translate(None, _HARMLESS): -> if"
    " not octets.translate(None, ):": ("Only slower: the careful way gives the same text."),
    '_http1/received_lines.py show_field_line: folded, shown = name.strip(b" \\t").lower(),'
    " Shown(line, start, end) -> folded, shown = name.strip(None).lower(), Shown(line, start,"
    " end)": ("A name with other white space is refused before."),
    "_http1/received_lines.py show_named_line: is_plain = folded in SHOWN_IN_FINDINGS and"
    " folded not in URI_FIELDS -> is_plain = None": (
        "Only slower: the careful way shows the same line."
    ),
    "_http1/received_lines.py show_named_line: if is_plain and len(line) <= LINE_BOUND and"
    ' b"\\r" not in line: -> if is_plain and len(line) < LINE_BOUND and b"\\r" not in line:': (
        "Only slower: the careful way shows the same line."
    ),
    "_http1/received_lines.py _end_of_target: return len(line) if version < 0 or"
    " rest.translate(None, _DIGITS) else version -> return len(line) if version <= 0 or"
    " rest.translate(None, _DIGITS) else version": (
        "A version stands after a method, so never at 0."
    ),
    "_http1/received_lines.py _end_of_target: return len(line) if version < 0 or"
    " rest.translate(None, _DIGITS) else version -> return len(line) if version < 1 or"
    " rest.translate(None, _DIGITS) else version": (
        "A version stands after a method, so never at 0."
    ),
    "_http1/received_lines.py _hide_after_cr: if stray < 0: -> if stray <= 0:": (
        "No line that is shown begins with CR."
    ),
    "_http1/received_lines.py _hide_after_cr: if stray < 0: -> if stray < 1:": (
        "No line that is shown begins with CR."
    ),
    "_http1/received_lines.py _hide_parts_of_uri: marks = (line.find(mark, begin, stop) for"
    ' mark in (b"?", b"#")) -> marks = (line.find(mark, begin, None) for mark in (b"?",'
    ' b"#"))': ("Only a version or white space follows, which holds no such mark."),
    "_http1/received_lines.py _hide_parts_of_uri: marks = (line.find(mark, begin, stop) for"
    ' mark in (b"?", b"#")) -> marks = (line.find(mark, begin, ) for mark in (b"?", b"#"))': (
        "Only a version or white space follows, which holds no such mark."
    ),
    "_http1/received_lines.py _hide_parts_of_uri: query = min((place for place in marks if"
    " place >= 0), default=stop) -> query = min((place for place in marks if place > 0),"
    " default=stop)": ("A mark stands after a method or a field name, so never at 0."),
    "_http1/received_lines.py _hide_parts_of_uri: query = min((place for place in marks if"
    " place >= 0), default=stop) -> query = min((place for place in marks if place >= 1),"
    " default=stop)": ("A mark stands after a method or a field name, so never at 0."),
    '_http1/received_lines.py _hide_parts_of_uri: at = line.rfind(b"@", begin, query) -> at ='
    ' line.rfind(b"@", None, query)': ("A field name holds no @: such a line is not shown."),
    "_http1/received_lines.py _hide: end + shorter if end >= stop else end if end <= begin"
    " else after_cut, -> end + shorter if end > stop else end if end <= begin else after_cut,": (
        "A mark that ends where the cut ends, ends after the dots, by either rule."
    ),
    "_http1/received_lines.py escape_line: if 0 <= start <= end <= len(line) and not"
    " line.translate(None, _HARMLESS): -> if 1 <= start <= end <= len(line) and not"
    " line.translate(None, _HARMLESS):": (
        "Only slower: the careful way gives the same text and columns."
    ),
    "_http1/received_lines.py escape_line: if 0 <= start <= end <= len(line) and not"
    " line.translate(None, _HARMLESS): -> if 0 < start <= end <= len(line) and not"
    " line.translate(None, _HARMLESS):": (
        "Only slower: the careful way gives the same text and columns."
    ),
    "_http1/received_lines.py escape_line: if 0 <= start <= end <= len(line) and not"
    " line.translate(None, _HARMLESS): -> if 0 <= start < end <= len(line) and not"
    " line.translate(None, _HARMLESS):": (
        "Only slower: the careful way gives the same text and columns."
    ),
    "_http1/received_lines.py escape_line: if 0 <= start <= end <= len(line) and not"
    " line.translate(None, _HARMLESS): -> if 0 <= start <= end < len(line) and not"
    " line.translate(None, _HARMLESS):": (
        "Only slower: the careful way gives the same text and columns."
    ),
    "_http1/received_lines.py escape_line: if 0 <= start <= end <= len(line) and not"
    " line.translate(None, _HARMLESS): -> if 0 <= start <= end <= len(line) and not"
    " line.translate(None, ):": ("Only slower: the careful way gives the same text and columns."),
    "_http1/response_scan.py ResponseScanner._begin: for size in range(1, known + 1): -> for"
    " size in range(known + 1):": (
        "No octets begin everything, so the first round changes nothing."
    ),
    "_http1/long_lines.py without_long_lines: while line < last and line + LONG < len(data):"
    " -> while line < last and line - LONG < len(data):": (
        "Nothing is found there: a long line has its CR further on."
    ),
    "_http1/long_lines.py without_long_lines: while line < last and line + LONG < len(data):"
    " -> while line < last and line + LONG <= len(data):": (
        "Nothing is found there: a long line has its CR further on."
    ),
    '_http1/long_lines.py without_long_lines: feed = data.rfind(b"\\n", line, line + LONG) ->'
    ' feed = data.find(b"\\n", line, line + LONG)': ("Only slower: it goes from line to line."),
    "_http1/long_lines.py without_long_lines: if feed >= 0: -> if feed > 0:": (
        "What begins with LF is no head."
    ),
    "_http1/long_lines.py without_long_lines: if feed >= 0: -> if feed >= 1:": (
        "What begins with LF is no head."
    ),
    "_http1/long_lines.py without_long_lines: if end < 0: -> if end <= 0:": (
        "What is found is at LONG or further on."
    ),
    "_http1/long_lines.py without_long_lines: if end < 0: -> if end < 1:": (
        "What is found is at LONG or further on."
    ),
    '_http1/long_lines.py without_long_lines: colon = data.find(b":", line, line + LONG) ->'
    ' colon = data.find(b":", line, None)': (
        "What is further on is longer than any name that is looked for."
    ),
    '_http1/long_lines.py without_long_lines: colon = data.find(b":", line, line + LONG) ->'
    ' colon = data.find(b":", line, )': (
        "What is further on is longer than any name that is looked for."
    ),
    "_http1/long_lines.py without_long_lines: and not data[colon + 1 : end].translate(None,"
    " _FIELD_OCTETS) -> and not data[colon - 1 : end].translate(None, _FIELD_OCTETS)": (
        "The two octets more are the end of a known name and its colon."
    ),
    "_http1/long_lines.py without_long_lines: line = end + 1 -> line = end - 1": (
        "The line end, or a CR that breaks the head, is skipped all the same."
    ),
    "_http1/long_lines.py without_long_lines: line = end + 1 -> line = end + 2": (
        "The line end, or a CR that breaks the head, is skipped all the same."
    ),
    "_http1/line_scan.py HeadScanner.__init__: self._searched = 0 -> self._searched = 1": (
        "A request's search is set when it begins; a response's first octet is no LF."
    ),
    "_http1/line_scan.py HeadScanner._scan_lines: end = known if feed < 0 else feed + 1 ->"
    " end = known if feed <= 0 else feed + 1": ("What begins with LF has not begun as a head."),
    "_http1/line_scan.py HeadScanner._scan_lines: end = known if feed < 0 else feed + 1 ->"
    " end = known if feed < 1 else feed + 1": ("What begins with LF has not begun as a head."),
    "_http1/line_scan.py HeadScanner._scan_lines: if feed < 0: -> if feed <= 0:": (
        "What begins with LF has not begun as a head."
    ),
    "_http1/line_scan.py HeadScanner._scan_lines: if feed < 0: -> if feed < 1:": (
        "What begins with LF has not begun as a head."
    ),
    "_http1/line_scan.py keeps_limits: if size <= MODEST and limits is DEFAULT_LIMITS: -> if"
    " size < MODEST and limits is DEFAULT_LIMITS:": ("Only slower: counting gives the same."),
    "_http1/line_scan.py keeps_limits: if size <= longest_start and size <= longest: -> if"
    " size < longest_start and size <= longest:": ("Only slower: counting gives the same."),
    "_http1/line_scan.py keeps_limits: if size <= longest_start and size <= longest: -> if"
    " size <= longest_start and size < longest:": ("Only slower: counting gives the same."),
    "_http1/heads.py RequestHead.__init__: pairs = headers if type(headers) is tuple else"
    " listed_headers(headers) -> pairs = headers if (type(headers) is tuple) and False else"
    " listed_headers(headers)": ("Only slower: the list of a tuple is that tuple."),
    "_http1/heads.py RequestHead.__init__: pairs = headers if type(headers) is tuple else"
    " listed_headers(headers) -> pairs = headers if type(None) is tuple else"
    " listed_headers(headers)": ("Only slower: the list of a tuple is that tuple."),
    "_http1/heads.py RequestHead._set_start_line: type(method) is type(target) is bytes ->"
    " type(None) is type(target) is bytes": ("Only slower: the checks of each part give the same."),
    "_http1/heads.py RequestHead._set_start_line: type(method) is type(target) is bytes ->"
    " type(method) is not type(target) is bytes": (
        "Only slower: the checks of each part give the same."
    ),
    "_http1/heads.py RequestHead._set_start_line: type(method) is type(target) is bytes ->"
    " type(method) is type(None) is bytes": ("Only slower: the checks of each part give the same."),
    '_http1/heads.py RequestHead._set_start_line: and http_version == b"1.1" -> and'
    ' http_version == b"XX1.1XX"': ("Only slower: the checks of each part give the same."),
    '_http1/heads.py RequestHead._take_usual: names = b"".join([name for name, _ in pairs])'
    ' -> names = b"XXXX".join([name for name, _ in pairs])': (
        "A colon is looked for, and there is none in what joins."
    ),
    '_http1/heads.py RequestHead.path: path = target.partition(b"?")[0] if _QUESTION_MARK in'
    ' target else target -> path = target.partition(b"?")[0] if (_QUESTION_MARK in target) or'
    " True else target": ("Only slower: nothing is cut off where there is no query."),
    "_http1/heads.py ResponseHead.__init__: self._received = False -> self._received = True": (
        "It has no octets, so raw is None either way."
    ),
    "_http1/heads.py received_head: head._asking = asking -> head._asking = None": (
        "Only slower: it is looked for when it is wanted."
    ),
    "_http1/request_facts.py _names_asking_field: if head._captured is None and"
    ' head.http_version == b"1.1": -> if head._captured is not None and head.http_version =='
    ' b"1.1":': ("Only slower: the names are looked at one by one."),
    "_http1/request_facts.py _names_asking_field: if head._captured is None and"
    ' head.http_version == b"1.1": -> if head._captured is None and head.http_version !='
    ' b"1.1":': ("Only slower: the names are looked at one by one."),
    "_http1/request_facts.py _names_asking_field: if head._captured is None and"
    ' head.http_version == b"1.1": -> if head._captured is None and head.http_version =='
    ' b"XX1.1XX":': ("Only slower: the names are looked at one by one."),
    "_http1/request_facts.py _names_asking_field: captured, joined = capture(head.method,"
    " head.target, head.headers) -> captured, joined = capture(None, head.target,"
    " head.headers)": ("Only slower: the names are looked at one by one."),
    "_http1/request_facts.py _names_asking_field: head._captured = captured -> head._captured"
    " = None": ("Only slower: the names are looked at one by one."),
    "_http1/request_facts.py accepts_anything: octets = head._octets -> octets = None": (
        "Only slower: the fields are looked at one by one."
    ),
    '_http1/request_facts.py accepts_anything: return all(value == b"*/*" for value in'
    ' head.get_all(b"accept")) -> return all(value == b"*/*" for value in'
    ' head.get_all(b"ACCEPT"))': ("The case of a name does not matter to get_all()."),
    "_http1/request_facts.py _usual_facts_of: captured, joined = head._captured, False ->"
    " captured, joined = head._captured, True": (
        "Only slower: other ways of reading a usual head give the same facts."
    ),
    "_http1/request_facts.py _usual_facts_of: octets = head._octets -> octets = None": (
        "Only slower: other ways of reading a usual head give the same facts."
    ),
    "_http1/request_facts.py _usual_facts_of: match = None if octets is None else"
    " USUAL_HEAD.fullmatch(octets) -> match = None": (
        "Only slower: other ways of reading a usual head give the same facts."
    ),
    "_http1/request_facts.py _usual_facts_of: match = None if octets is None else"
    " USUAL_HEAD.fullmatch(octets) -> match = None if (octets is None) or True else"
    " USUAL_HEAD.fullmatch(octets)": (
        "Only slower: other ways of reading a usual head give the same facts."
    ),
    "_http1/request_facts.py _usual_facts_of: head._captured = () if joined else captured or"
    " () -> head._captured = None": ("Only slower: the fields are looked up one by one."),
    "_http1/request_facts.py _usual_facts_of: head._captured = () if joined else captured or"
    " () -> head._captured = () if (joined) or True else captured or ()": (
        "Only slower: the fields are looked up one by one."
    ),
    "_http1/request_facts.py _usual_facts_of: head._captured = () if joined else captured or"
    " () -> head._captured = () if joined else captured and ()": (
        "Only slower: the fields are looked up one by one."
    ),
    "_http1/request_facts.py usual_facts: def usual_facts(captured: Captured, *, joined: bool"
    " = False) -> UsualFacts | None: -> def usual_facts(captured: Captured, *, joined: bool ="
    " True) -> UsualFacts | None:": ("Only slower: the head is read with care."),
    "_http1/request_facts.py usual_facts: if len(length) > _MOST_DIGITS or"
    " grammar.DIGITS.fullmatch(length) is None: -> if len(length) >= _MOST_DIGITS or"
    " grammar.DIGITS.fullmatch(length) is None:": ("Only slower: the head is read with care."),
    '_http1/request_facts.py _read_options: return options, fault, persistence(b"1.1",'
    ' options) if fault is None else None -> return options, fault, persistence(b"XX1.1XX",'
    " options) if fault is None else None": ("Versions other than 1.0 are alike there."),
    "_http1/request_facts.py _read_with_care: if len(upgrade) == 1 and len(upgrade[0]) <="
    " MOST_REMEMBERED: -> if len(upgrade) == 1 and len(upgrade[0]) < MOST_REMEMBERED:": (
        "Only slower: what is remembered is what would be read."
    ),
    "_http1/request_facts.py _read_with_care: facts._wanted = _read_upgrade(upgrade[0]) ->"
    " facts._wanted = None": ("Only slower: what is remembered is what would be read."),
    "_http1/request_facts.py _read_with_care: if len(connection) == 1 and len(connection[0])"
    " <= MOST_REMEMBERED: -> if len(connection) == 1 and len(connection[0]) <"
    " MOST_REMEMBERED:": ("Only slower: what is remembered is what would be read."),
}
