"""Mutants of the fast path and of readers of bodies that nothing can notice, with the reasons."""

from typing import Final

EQUIVALENT: Final[dict[str, str]] = {
    "_http1/fast_path.py head_in_front: if MODEST < len(data) <="
    " _FURTHEST: -> if MODEST < len(data) < _FURTHEST:": (
        "only slower, for octets of exactly that number"
    ),
    "_http1/fast_path.py head_in_front: or (len(data) > MODEST and"
    " _asks_further_on(data)) -> or (len(data) > MODEST or"
    " _asks_further_on(data))": ("only slower: the usual pattern is tried on more heads"),
    "_http1/fast_path.py head_in_front: match = USUAL_HEAD.match(data, 0,"
    " most) if asked else None -> match = USUAL_HEAD.match(data, 0, most)"
    " if (asked) and False else None": ("only slower: facts are captured when they are asked for"),
    "_http1/fast_path.py head_in_front: asking = captured[UPGRADE] is not"
    " None or captured[KEY] is not None -> asking = None": (
        "only slower: whether it asks is looked up when it is wanted"
    ),
    "_http1/fast_path.py head_in_front: head._asking = asking -> head._asking = None": (
        "only slower: whether it asks is looked up when it is wanted"
    ),
    "_http1/fast_path.py _asks_further_on: is_long ="
    ' data.find(b"\\r\\n\\r\\n", 0, MODEST) < 0 -> is_long ='
    ' data.find(b"\\r\\n\\r\\n", 0, MODEST) <= 0': (
        "only slower: octets that begin with an empty line are for the scanner"
    ),
    "_http1/response_tracker.py ResponseTracker.__init__: self._method ="
    ' b"" -> self._method = b"XXXX"': ("expect() sets it before it is read"),
    "_http1/response_tracker.py ResponseTracker.__init__: self._left = 0 -> self._left = 1": (
        "a head sets it before it is read"
    ),
    "_http1/response_tracker.py ResponseTracker.__init__: self._usual ="
    " False -> self._usual = True": ("expect() sets it before it is read"),
    "_http1/response_tracker.py ResponseTracker.send_data: match ="
    " USUAL_RESPONSE.match(data, 0, _MODEST) if self._usual else None ->"
    " match = None": ("only slower: the head is read with care"),
    "_http1/response_tracker.py ResponseTracker.send_data: match ="
    " USUAL_RESPONSE.match(data, 0, _MODEST) if self._usual else None ->"
    " match = USUAL_RESPONSE.match(data, 1, _MODEST) if self._usual else"
    " None": ("only slower: no response begins at its second octet"),
}
