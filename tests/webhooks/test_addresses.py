"""Only public addresses may be reached, and a URL has one reading only."""

import pytest

from webhooks.address_guard import is_public
from webhooks.url_check import Target, UrlRefused, parse_url


def words(text: str) -> list[str]:
    return text.split()


REFUSED = words("""
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.1.2.3 168.63.129.16
169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.8 192.0.0.192 192.0.2.1
192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255
240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1 64:ff9b::7f00:1
64:ff9b::808:808 64:ff9b:1::1 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:10::1 2001:20::1
2001:db8::1 2002:7f00:1:: 2002:808:808::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0
fec0::1 ff02::1 ff0e::1 2600:1f18::5efe:7f00:1 2600:1f18::200:5efe:a00:1
""")
PUBLIC = words("""
1.1.1.1 8.8.8.8 9.255.255.255 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 198.20.0.1
223.255.255.255 2001:4860:4860::8888 2606:4700:4700::1111 2a00:1450:4001:80b::200e
""")


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address: str) -> None:
    assert is_public(address)


BAD_URLS = words("""
http://example.org/hook ftp://example.org/ file:///etc/passwd javascript:alert(1) //example.org/
https:// https:///path https://user@example.org/ https://user:word@example.org/ https://example.org/#part
https://example.org:0/ https://example.org:99999/ https://example.org:port/ https://[::1/ https://[fe80::1%25eth0]/
https://exämple.org/ https://example.org\\@127.0.0.1/ https://exam%70le.org/ example.org
""")


@pytest.mark.parametrize(
    "url", [*BAD_URLS, "", "https://example.org/a b", "https://exam\nple.org/", "https://e.org/" + "a" * 2048]
)
def test_a_url_that_can_be_misread_or_is_not_https_is_refused(url: str) -> None:
    with pytest.raises(UrlRefused):
        parse_url(url, allow_http=False)


def test_a_url_is_taken_apart_in_one_way() -> None:
    assert parse_url("https://Hooks.Example.org:8443/a/b?c=d", allow_http=False) == Target(
        "https", "hooks.example.org", 8443, "/a/b?c=d"
    )
    assert parse_url("https://[2606:4700:4700::1111]", allow_http=False) == Target(
        "https", "2606:4700:4700::1111", 443, "/"
    )
    assert parse_url("http://localhost:9000/", allow_http=True) == Target("http", "localhost", 9000, "/")
