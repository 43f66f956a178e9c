"""cfgc check: the files that a configuration names, their certificates, and cipher strings.

Codes that need a file beside the configuration are tested here instead of in tests/diag. Certificates hold from 2030-01-01
to 2031-01-01, and the checks are made as of a day in between.
"""
import json
import os
import socket

import pki
import support

NOW = "2030-06-01"
MODULES = '''{hosts, ["a.example"]}.
{sm_backend, {mnesia, []}}.
{auth_method, internal}.
{listen, [{5222, ejabberd_c2s, [{access, all}]}]}.
{modules, [{mod_global_distrib, [{global_host, "a.example"}, {local_host, "b.example"},
                                 {connections, [{tls_opts, [OPTIONS]}]}]}]}.
'''
TERMS = '{sm_backend, {mnesia, []}}.\n{auth_method, internal}.\n'


def shared(make, memory={}):
    """Keys take time: what several claims need is made once."""
    if make not in memory:
        memory[make] = make()
    return memory[make]


def root():
    return pki.authority("root")


def middle():
    return pki.authority("middle", shared(root))


def leaf():
    return pki.certificate("DNS:a.example", shared(middle), fetch=True)


def rsa():
    return pki.certificate("DNS:a.example", shared(middle), key=pki.new_key("rsa"))


def chain():
    return shared(leaf).pem + shared(middle).pem


def good():
    return chain() + shared(leaf).key


def c2s(options, hosts='"a.example"', more=""):
    options = ", ".join(o for o in ("{access, all}", "starttls", options) if o)
    return (f"{{hosts, [{hosts}]}}.\n{TERMS}{more}\n"
            f"{{listen, [{{5222, ejabberd_c2s, [{options}]}}]}}.\n")


def cowboy(options):
    return (f'{{hosts, ["a.example"]}}.\n{TERMS}{{listen, [{{5280, ejabberd_cowboy, '
            f'[{{ssl, [{options}]}}, {{modules, [{{"_", "/http-bind", mod_bosh}}]}}]}}]}}.\n')


def check(s, text, *args, at=NOW, status=None):
    s.write("a.cfg", text)
    done = s.run("check", "-WW08=off", "-WW0537=off", "--diagnostics=json", "--at", at, *args, "a.cfg", status=status)
    return [json.loads(line) for line in done.err.splitlines()]


def raised(s, text, *args, **more):
    found = check(s, text, *args, **more)
    for d in found:
        assert d["file"] == "a.cfg", d
    return [d["code"] for d in found]


def raised_by_pem(s, pem, mode=0o600, options='{certfile, "x.pem"}', **more):
    os.chmod(s.write("x.pem", pem), mode)
    return raised(s, c2s(options), **more)


# ---- is it there? ----

def claim_a_good_chain_is_not_mentioned(s):
    assert raised_by_pem(s, good()) == []


def claim_a_missing_file_is_said_once(s):
    text = c2s('{certfile, "x.pem"}', more='{domain_certfile, <<"a.example">>, "x.pem"}.')
    found = check(s, text)
    assert [(d["code"], d["level"]) for d in found] == [("W0411", "warning")], found
    assert found[0]["message"] == "file 'x.pem' does not exist"
    assert text.encode()[found[0]["spans"][0]["start"]:].startswith(b'"x.pem"}.\n{listen'), found
    assert raised(s, text, "--no-files") == []
    assert raised(s, text, "-W", "missing-file=off") == []
    assert raised(s, c2s('{certfile, "x.pem/y.pem"}')) == ["W0411"]
    assert raised(s, c2s('{certfile, "a\\0b"}')) == ["W0411"]


def claim_what_is_not_looked_for_may_be_allowed(s):
    text = c2s('{certfile, "x.pem"}').replace("{listen", "%% cfgc: allow(W0411) made at the first start\n{listen")
    assert raised(s, text) == []
    assert raised(s, text, "--no-files") == []
    assert "W0015" not in s.run("dump", "a.cfg").err
    os.chmod(s.write("x.pem", good()), 0o600)
    assert raised(s, text) == ["W0015"]
    weak = text.replace("W0411", "W0444")
    assert raised(s, weak, "--no-files") == ["W0015"]
    assert "W0015" not in s.run("dump", "a.cfg").err


def claim_a_file_is_looked_up_below_root(s):
    os.makedirs(os.path.join(s.path, "image/etc/ssl"))
    s.write("image/etc/ssl/real.pem", good())
    os.symlink("/etc/ssl/real.pem", os.path.join(s.path, "image/etc/link.pem"))
    for name in ("/etc/ssl/real.pem", "etc/ssl/real.pem", "/etc/link.pem", "../../etc/ssl/real.pem"):
        found = raised(s, c2s(f'{{certfile, "{name}"}}'), "--root", "image", "-W", "W0435=off")
        assert found == [], (name, found)
    found = check(s, c2s('{certfile, "/etc/passwd"}'), "--root=image")
    assert [d["code"] for d in found] == ["W0411"] and "'image'" in found[0]["notes"][0], found
    done = s.run("check", "--root=nowhere", "a.cfg", status=3)
    assert "error[E0001]" in done.err, done.err
    s.run("check", "--root=image", "--no-files", "a.cfg", status=2)


def claim_what_is_no_file_is_not_opened(s):
    """A pipe without a writer would block, a device may never end."""
    os.mkfifo(os.path.join(s.path, "pipe"))
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(os.path.join(s.path, "socket"))
        for name, code in (("pipe", "W0412"), ("socket", "W0412"), ("/dev/zero", "W0412"), (".", "E0413")):
            assert raised(s, c2s(f'{{certfile, "{name}"}}')) == [code], name


def claim_a_file_that_cannot_be_read_is_a_warning(s):
    if os.geteuid() == 0:
        return  # may read everything
    assert raised_by_pem(s, good(), mode=0) == ["W0412"]


def claim_a_huge_file_is_not_read(s):
    with open(s.write("x.pem", good()), "r+b") as f:
        f.truncate(1 << 40)
    assert raised(s, c2s('{certfile, "x.pem"}'), "-W", "W0435=off") == ["E0413"]
    # What is not PEM may be of any size.
    s.write("x.pem", good())
    with open(os.path.join(s.path, "secret"), "wb") as f:
        f.truncate(1 << 40)
    text = (f'{{hosts, ["a.example"]}}.\n{TERMS}{{listen, [{{8888, ejabberd_service, '
            '[{access, all}, {password, {file, "secret"}}]}]}.\n')
    os.chmod(os.path.join(s.path, "secret"), 0o600)
    assert raised(s, text) == []
    os.chmod(os.path.join(s.path, "secret"), 0o644)
    assert raised(s, text) == ["W0435"]
    os.unlink(os.path.join(s.path, "secret"))
    assert raised(s, text) == ["W0411"]


def claim_emit_looks_as_well_and_questions_do_not(s):
    s.write("a.cfg", c2s('{certfile, "x.pem"}'))
    assert "W0411" in s.run("emit", "-d", "out", "a.cfg").err
    assert "W0411" not in s.run("dump", "a.cfg").err
    os.chmod(s.write("x.pem", shared(leaf).pem), 0o600)
    assert "E0416" in s.run("emit", "--at", NOW, "-d", "out2", "a.cfg", status=1).err
    assert not os.path.exists(os.path.join(s.path, "out2"))


# ---- PEM ----

def claim_the_block_that_is_wrong_is_named(s):
    lines = chain().splitlines(keepends=True)
    second = next(i for i, line in enumerate(lines) if i > 0 and "BEGIN" in line)
    lines[second + 2] = "!" + lines[second + 2][1:]
    s.write("x.pem", "".join(lines) + shared(leaf).key)
    found = check(s, c2s('{certfile, "x.pem"}'), "-W", "W0435=off")
    assert [d["code"] for d in found] == ["E0414"], found
    assert f"block 2 (CERTIFICATE, line {second + 1})" in found[0]["message"], found
    cut = good()[:-40]
    found = check(s, c2s('{certfile, "x.pem"}')) if s.write("x.pem", cut) else None
    assert found[0]["code"] == "E0414" and found[0]["spans"][0]["label"] == "it is never closed", found


def claim_nothing_of_a_key_is_ever_printed(s):
    secret = shared(leaf).key.splitlines()[1:-1]
    for text in (shared(leaf).key[:-40], shared(leaf).key.replace("PRIVATE KEY", "SECRET"), shared(leaf).key,
                 shared(leaf).pem + shared(rsa).key):
        s.write("x.pem", text)
        s.write("a.cfg", c2s('{certfile, "x.pem"}'))
        done = s.run("check", "--at", NOW, "a.cfg", status=None)
        assert not any(line in done.err + done.out for line in secret + shared(rsa).key.splitlines()[1:-1])


def claim_what_a_file_lacks_is_said(s):
    assert raised_by_pem(s, "") == ["E0415"]
    assert raised_by_pem(s, "hello\n") == ["E0415"]
    assert raised_by_pem(s, shared(leaf).key) == ["E0415"]
    assert raised_by_pem(s, chain()) == ["E0416"]
    assert raised_by_pem(s, "  " + good().replace("\n", "\n  ")) == ["E0415"]
    der = pki.openssl("x509", "-outform", "DER", stdin=shared(leaf).pem.encode())
    s.write("x.pem", der)
    found = check(s, c2s('{certfile, "x.pem"}'))
    assert found[0]["code"] == "E0415" and "-inform DER" in found[0]["help"], found
    both = s.write("both.pem", shared(leaf).both)
    bag = pki.openssl("pkcs12", "-export", "-passout", "pass:x", "-in", both)
    s.write("x.pem", bag)
    assert "pkcs12" in check(s, c2s('{certfile, "x.pem"}'))[0]["help"]


def claim_line_ends_and_order_in_the_file_do_not_matter(s):
    assert raised_by_pem(s, good().replace("\n", "\r\n")) == []
    assert raised_by_pem(s, shared(leaf).key + chain()) == []
    assert raised_by_pem(s, b"\xef\xbb\xbf" + good().encode()) == []
    assert raised_by_pem(s, "Bag Attributes\n    x: y\n" + good()) == []


# ---- keys ----

def claim_the_key_must_be_that_of_the_first_certificate(s):
    assert raised_by_pem(s, chain() + shared(rsa).key) == ["E0417"]
    s.write("x.pem", shared(middle).pem + shared(leaf).pem + shared(leaf).key)
    found = check(s, c2s('{certfile, "x.pem"}'), "-W", "W0435=off")
    mismatch = [d for d in found if d["code"] == "E0417"]
    assert len(mismatch) == 1 and mismatch[0]["notes"] == ["it is that of certificate 2"], found


def claim_an_encrypted_key_cannot_be_opened(s):
    for cipher in (["pkcs8", "-topk8"], ["ec", "-aes128"]):
        locked = pki.openssl(*cipher, "-passout", "pass:opensesame", stdin=shared(leaf).key.encode()).decode()
        assert raised_by_pem(s, chain() + locked) == ["E0418"], cipher
    os.chmod(s.write("key.pem", locked), 0o600)
    s.write("cert.pem", chain())
    options = '{certfile, "cert.pem"}, {keyfile, "key.pem"}'
    target = "--target=mongooseim-3.2"
    assert raised(s, cowboy(options), target) == ["E0418"]
    assert raised(s, cowboy(options + ', {password, "wrong"}'), target) == ["E0418"]
    assert raised(s, cowboy(options + ', {password, "opensesame"}'), target) == []


def claim_certificate_and_key_may_be_two_files(s):
    target = "--target=mongooseim-3.2"
    options = '{certfile, "cert.pem"}, {keyfile, "key.pem"}'
    s.write("cert.pem", chain())
    os.chmod(s.write("key.pem", shared(leaf).key), 0o600)
    assert raised(s, cowboy(options), target) == []
    assert raised(s, cowboy('{certfile, "cert.pem"}'), target) == ["E0416"]
    s.write("key.pem", shared(rsa).key)
    assert raised(s, cowboy(options), target) == ["E0417"]
    s.write("key.pem", chain())
    assert raised(s, cowboy(options), target) == ["E0416"]
    # A listener that this server leaves out is not looked at.
    assert set(raised(s, cowboy(options))) == {"E0702", "W0603"} or raised(s, cowboy(options)) == ["E0702"]


def claim_the_erlang_implementation_has_a_file_for_the_key(s):
    target = "--target=mongooseim-3.2"
    text = c2s('{certfile, "cert.pem"}, {tls_module, just_tls}, {ssl_options, [OPTIONS]}')
    s.write("cert.pem", chain())
    os.chmod(s.write("key.pem", shared(leaf).key), 0o600)
    assert raised(s, text.replace("OPTIONS", '{keyfile, "key.pem"}'), target) == []
    assert raised(s, text.replace("OPTIONS", ""), target) == ["E0416"]
    assert raised(s, text.replace("OPTIONS", '{keyfile, "key.pem"}, {ciphers, "nonsense"}'), target) == ["E0441"]


def claim_a_key_for_everybody_is_noticed(s):
    assert raised_by_pem(s, good(), mode=0o644) == ["W0435"]
    assert raised_by_pem(s, good(), mode=0o640) == []
    assert raised_by_pem(s, chain(), mode=0o644) == ["E0416"]


def claim_weak_keys_are_refused_by_our_server_and_weak_for_others(s):
    weak = pki.certificate("DNS:a.example", shared(middle), key=pki.new_key("rsa1024"))
    pem = weak.pem + shared(middle).pem + weak.key
    os.chmod(s.write("x.pem", pem), 0o600)
    text = c2s('{certfile, "x.pem"}')
    found = check(s, text)
    assert [d["code"] for d in found] == ["E0419"], found
    assert found[0]["notes"][0] == "it has an RSA key of 1024 bits and is signed with SHA256", found
    assert raised(s, text, "--target=mongooseim-3.2") == ["W0432"]
    small = pki.certificate("DNS:a.example", shared(middle), key=pki.new_key("ec192"))
    s.write("x.pem", small.pem + shared(middle).pem + small.key)
    assert "W0432" in raised(s, text, "--target=mongooseim-3.2")


def claim_weak_signatures_are_noticed(s):
    weak = pki.certificate("DNS:a.example", shared(middle), digest="sha1")
    os.chmod(s.write("x.pem", weak.pem + shared(middle).pem + weak.key), 0o600)
    assert raised(s, c2s('{certfile, "x.pem"}'), "--target=mongooseim-3.2") == ["W0433"]


# ---- chains ----

def claim_each_certificate_is_followed_by_its_issuer(s):
    upper = pki.authority("upper", shared(middle))
    low = pki.certificate("DNS:a.example", upper, fetch=True)
    right = low.pem + upper.pem + shared(middle).pem
    assert raised_by_pem(s, right + low.key) == []
    assert raised_by_pem(s, low.pem + shared(middle).pem + upper.pem + low.key) == ["W0421"]
    assert raised_by_pem(s, low.pem + low.pem + upper.pem + low.key) == ["W0421"]
    assert raised_by_pem(s, low.pem + shared(middle).pem + low.key) == ["W0422"]
    assert raised_by_pem(s, right + shared(root).pem + low.key) == ["W0423"]
    assert raised_by_pem(s, right + shared(root).pem + shared(leaf).pem + low.key) == ["W0421"]


def claim_a_lone_certificate_lacks_its_issuer(s):
    assert raised_by_pem(s, shared(leaf).both) == ["W0422"]
    own = pki.certificate("DNS:a.example", shared(root))
    found = check(s, c2s('{certfile, "x.pem"}')) if s.write("x.pem", own.both) else None
    assert [(d["code"], d["level"]) for d in found if d["code"] != "W0435"] == [("W0425", "note")], found


def claim_a_self_signed_certificate_is_a_note(s):
    own = pki.certificate("DNS:a.example")
    os.chmod(s.write("x.pem", own.both), 0o600)
    found = check(s, c2s('{certfile, "x.pem"}'))
    assert [(d["code"], d["level"]) for d in found] == [("W0424", "note")], found


def claim_an_issuer_of_the_same_name_is_not_enough(s):
    other = pki.authority("middle", shared(root))
    assert raised_by_pem(s, shared(leaf).pem + other.pem + shared(leaf).key) == ["W0422"]


# ---- dates ----

def claim_dates_are_judged_as_of_at(s):
    os.chmod(s.write("x.pem", good()), 0o600)
    text = c2s('{certfile, "x.pem"}')

    def on(day):
        return raised(s, text, at=day)
    assert on("2029-12-31") == ["W0428", "W0428"]
    assert on("2030-01-01") == []
    assert on("2030-12-11") == []
    assert on("2030-12-12") == ["W0427", "W0427"]
    assert on("2031-01-02") == ["E0426", "W0429"]
    found = check(s, text, at="2031-01-05")
    assert found[0]["message"] == "the certificate in 'x.pem' expired on 2031-01-01", found
    assert found[0]["spans"][0]["label"] == "4 days before 2031-01-05"


def claim_an_expired_certificate_is_an_error_of_a_build(s):
    os.chmod(s.write("x.pem", good()), 0o600)
    s.write("a.cfg", c2s('{certfile, "x.pem"}'))
    assert "E0426" in s.run("emit", "--at=2032-01-01", "-d", "out", "a.cfg", status=1).err
    s.run("emit", "--at=2032-01-01", "--no-files", "-d", "out", "a.cfg", status=0)


# ---- names ----

def names(s, cert, host, options='{certfile, "x.pem"}', more=""):
    os.chmod(s.write("x.pem", cert.pem + shared(middle).pem + cert.key), 0o600)
    return raised(s, c2s(options, hosts=host, more=more))


def claim_a_host_must_be_in_the_certificate(s):
    def held(san, host, cn="server"):
        return names(s, pki.certificate(san, shared(middle), cn=cn), f'"{host}"')
    assert held("DNS:a.example", "a.example") == []
    assert held("DNS:A.EXAMPLE", "a.example") == []
    assert held("DNS:b.example,DNS:a.example", "a.example") == []
    assert held("DNS:b.example", "a.example") == ["W0430"]
    assert held("DNS:*.example", "a.example") == []
    assert held("DNS:*.example", "b.a.example") == ["W0430"]
    assert held("DNS:*.example", "example") == ["W0430"]
    assert held("DNS:xn--mnchen-3ya.example", "münchen.example") == []
    assert held("IP:192.0.2.1", "192.0.2.1") == []
    assert held("IP:192.0.2.1", "192.0.2.2") == ["W0430"]
    assert held(pki.xmpp_name("a.example"), "a.example") == []
    assert held(pki.xmpp_name("b.example"), "a.example") == ["W0430"]
    assert held(pki.srv_name("xmpp-client", "a.example"), "a.example") == []
    assert held(pki.srv_name("xmpp-server", "a.example"), "a.example") == ["W0430"]
    assert held("", "a.example", cn="a.example") == ["W0431"]
    assert held("", "a.example") == ["W0430"]


def claim_only_what_a_certificate_is_shown_for_counts(s):
    cert = pki.certificate("DNS:a.example", shared(middle))
    two = '"a.example", "b.example"'
    assert names(s, cert, '"localhost", "a.example"') == []
    assert names(s, cert, '"localhost"') == ["W0430"]
    assert names(s, cert, two) == ["W0430"]
    own = pki.certificate("DNS:b.example", shared(middle))
    os.chmod(s.write("b.pem", own.pem + shared(middle).pem + own.key), 0o600)
    assert names(s, cert, two, more='{domain_certfile, <<"b.example">>, "b.pem"}.') == []
    assert names(s, cert, two, more='{domain_certfile, <<"b.example">>, "x.pem"}.') == ["W0430"]
    assert names(s, cert, two, more='{domain_certfile, <<"a.example">>, "b.pem"}.') == ["W0430", "W0430"]


def claim_many_hosts_are_one_finding(s):
    hosts = ", ".join(f'"h{i}.example"' for i in range(1000))
    os.chmod(s.write("x.pem", good()), 0o600)
    found = check(s, c2s('{certfile, "x.pem"}', hosts=hosts))
    assert [d["code"] for d in found] == ["W0430"], found[:3]
    assert "and 996 more" in found[0]["message"], found[0]["message"]


def claim_named_routes_of_https_are_hosts(s):
    s.write("cert.pem", chain())
    os.chmod(s.write("key.pem", shared(leaf).key), 0o600)
    text = cowboy('{certfile, "cert.pem"}, {keyfile, "key.pem"}')
    target = "--target=mongooseim-3.2"
    assert raised(s, text.replace('"_"', '"a.example"'), target) == []
    assert raised(s, text.replace('"_"', '"b.example"'), target) == ["W0430"]


# ---- other places ----

def claim_what_nobody_is_shown_is_only_looked_up(s):
    text = c2s('{certfile, "x.pem"}').replace("starttls, ", "")
    assert raised(s, text) == ["W0526"]
    os.chmod(s.write("x.pem", chain()), 0o600)
    s2s = c2s("", more='{s2s_certfile, "x.pem"}.').replace(", starttls", "")
    assert raised(s, s2s, "--target=mongooseim-3.2") == []
    os.unlink(os.path.join(s.path, "x.pem"))
    assert raised(s, s2s, "--target=mongooseim-3.2") == ["W0411"]


def claim_servers_are_shown_the_certificate_of_s2s(s):
    other = pki.certificate(pki.srv_name("xmpp-client", "a.example"), shared(middle))
    own = pki.certificate(pki.srv_name("xmpp-server", "a.example"), shared(middle))
    text = (f'{{hosts, ["a.example"]}}.\n{TERMS}{{s2s_use_starttls, required}}.\n{{s2s_certfile, "x.pem"}}.\n'
            '{s2s_ciphers, "AESGCM"}.\n{listen, [{5269, ejabberd_s2s_in, [{ciphers, "AESGCM"}]}]}.\n')
    target = "--target=mongooseim-3.2"
    for cert, codes in ((own, []), (other, ["W0430"])):
        os.chmod(s.write("x.pem", cert.pem + shared(middle).pem + cert.key), 0o600)
        assert raised(s, text, target) == codes
    s.write("x.pem", own.pem + shared(middle).pem)
    assert raised(s, text, target) == ["E0416"]
    assert raised(s, text.replace('"AESGCM"', '"nonsense"'), target, "--no-files") == ["E0441", "E0441"]


def claim_data_centres_show_a_certificate_as_well(s):
    text = MODULES.replace("OPTIONS", '{certfile, "x.pem"}, {cafile, "ca.pem"}, {ciphers, "AESGCM"}')
    target = "--target=mongooseim-3.2"
    s.write("ca.pem", shared(root).pem)
    os.chmod(s.write("x.pem", good()), 0o600)
    assert raised(s, text, target) == []
    os.chmod(s.write("x.pem", chain() + shared(rsa).key), 0o600)
    assert raised(s, text, target) == ["E0417"]
    assert raised(s, text.replace("AESGCM", "nonsense"), target, "--no-files") == ["E0441"]


# ---- Diffie-Hellman, CAs ----

def claim_dhfile_holds_parameters_that_are_long_enough(s):
    os.chmod(s.write("x.pem", good()), 0o600)
    text = c2s('{certfile, "x.pem"}, {dhfile, "dh.pem"}')
    target = "--target=mongooseim-3.2"
    sized = {bits: pki.openssl("dhparam", "-dsaparam", str(bits)).decode() for bits in (512, 1024)}
    sized[2048] = pki.openssl("genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "dh_param:ffdhe2048").decode()
    for bits, theirs, ours in ((512, ["E0420"], ["E0420"]), (1024, ["W0434"], ["E0420"]), (2048, [], [])):
        s.write("dh.pem", sized[bits])
        assert raised(s, text, target) == theirs, bits
        assert raised(s, text) == ours, bits
    s.write("dh.pem", chain())
    assert raised(s, text) == ["E0420"]
    s.write("dh.pem", sized[2048].replace("\n", "\n!", 1))
    assert raised(s, text) == ["E0414"]


def claim_a_revocation_list_is_one(s):
    text = c2s('{certfile, "x.pem"}, {crlfiles, ["crl.pem", "crl2.pem"]}')
    target = "--target=mongooseim-3.2"
    os.chmod(s.write("x.pem", good()), 0o600)
    s.write("crl.pem", pki.revocations(shared(root)))
    assert raised(s, text, target) == ["W0411"]
    s.write("crl2.pem", chain())
    assert raised(s, text, target) == ["E0415"]
    s.write("crl2.pem", "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")
    assert raised(s, text, target) == ["E0414"]


def claim_a_list_of_cas_holds_certificates(s):
    os.chmod(s.write("x.pem", good()), 0o600)
    text = c2s('{certfile, "x.pem"}, {cafile, "ca.pem"}')
    target = "--target=mongooseim-3.2"
    s.write("ca.pem", shared(root).pem)
    assert raised(s, text, target) == []
    old = pki.authority("old", begin="20200101000000Z", end="20210101000000Z")
    s.write("ca.pem", old.pem + shared(root).pem)
    assert raised(s, text, target) == []
    s.write("ca.pem", old.pem)
    assert raised(s, text, target) == ["W0429"]
    s.write("ca.pem", "nothing")
    assert raised(s, text, target) == ["E0415"]


# ---- cipher suites ----

def ciphers(s, string, options="", pem=None):
    os.chmod(s.write("x.pem", pem or good()), 0o600)
    return raised(s, c2s(f'{{certfile, "x.pem"}}, {{ciphers, "{string}"}}{options}'))


def only(*versions):
    off = {"1.0": "no_tlsv1", "1.1": "no_tlsv1_1", "1.2": "no_tlsv1_2", "1.3": "no_tlsv1_3"}
    return ", {protocol_options, [%s]}" % ", ".join(f'"{o}"' for v, o in off.items() if v not in versions)


def claim_a_cipher_string_must_leave_something(s):
    assert ciphers(s, "HIGH:!aNULL") == []
    assert ciphers(s, "TLSv1.2:TLSv1.3") == []
    assert ciphers(s, "DEFAULT:!EXPORT:!LOW:!SSLv2") == []
    assert ciphers(s, "TLSv1.3") == ["E0441"]
    assert ciphers(s, "nonsense") == ["E0441"]
    assert ciphers(s, "HIGH:!ALL") == ["E0441"]
    assert ciphers(s, "AESGCM", only("1.0", "1.1")) == ["E0441"]
    assert ciphers(s, "AESGCM", only("1.2")) == []
    assert ciphers(s, "HIGH", only()) == ["E0443"]


def claim_suites_must_fit_the_key(s):
    assert ciphers(s, "ECDHE-ECDSA-AES256-GCM-SHA384", only("1.2")) == []
    assert ciphers(s, "ECDHE-RSA-AES256-GCM-SHA384", only("1.2")) == ["E0442"]
    assert ciphers(s, "ECDHE-RSA-AES256-GCM-SHA384") == ["W0446"]
    pem = shared(rsa).pem + shared(middle).pem + shared(rsa).key
    assert ciphers(s, "ECDHE-RSA-AES256-GCM-SHA384", only("1.2"), pem) == []
    assert ciphers(s, "ECDHE-ECDSA-AES256-GCM-SHA384", only("1.2"), pem) == ["E0442"]
    # Without the file nobody knows.
    text = c2s('{certfile, "x.pem"}, {ciphers, "ECDHE-RSA-AES256-GCM-SHA384"}' + only("1.2"))
    assert raised(s, text, "--no-files") == []


def claim_tls_1_2_needs_suites_of_its_own(s):
    assert ciphers(s, "ECDHE-ECDSA-AES256-SHA", only("1.2", "1.3")) == []
    assert ciphers(s, "PSK-AES256-CBC-SHA", only("1.2", "1.3")) == ["W0446"]


def claim_weak_suites_are_named(s):
    # Clients older than TLS 1.2 are let in without a security level: what the string names, they get.
    assert ciphers(s, "HIGH") == ["W0444"]
    assert ciphers(s, "HIGH", only("1.2", "1.3")) == []
    for weak in ("NULL-SHA", "eNULL", "ADH", "RC4-SHA", "EXPORT", "3DES", "DES-CBC3-SHA"):
        string = "AESGCM:" + weak
        found = check(s, c2s(f'{{ciphers, "{string}"}}', more='{domain_certfile, <<"a.example">>, "x.pem"}.'),
                      "--no-files")
        assert [d["code"] for d in found] == ["W0444"], (string, found)
        assert any(n.startswith("left are ") for n in found[0]["notes"]), found
    assert ciphers(s, "ALL:!aNULL:!eNULL:!RC4:!3DES") == []


def claim_a_word_that_means_nothing_is_named(s):
    assert ciphers(s, "HIGH:!aNULL:ECDHE-ECDSA-AES265-SHA") == ["W0445"]
    assert ciphers(s, "HIGH:!aNULL:!FOO:-BAR:+BAZ:@STRENGTH") == []
    assert ciphers(s, "kECDHE+AESGCM:HIGH:!aNULL") == []


def claim_https_has_versions_and_lists_of_suites(s):
    s.write("cert.pem", chain())
    os.chmod(s.write("key.pem", shared(leaf).key), 0o600)
    files = '{certfile, "cert.pem"}, {keyfile, "key.pem"}'

    def https(options):
        return raised(s, cowboy(files + ", " + options), "--target=mongooseim-3.2")
    assert https("{versions, ['tlsv1.2']}, {ciphers, [\"ECDHE-ECDSA-AES256-GCM-SHA384\"]}") == []
    assert https("{versions, ['tlsv1.2']}, {ciphers, [\"ECDHE-RSA-AES256-GCM-SHA384\"]}") == ["E0442"]
    assert https("{versions, ['tlsv1.1']}, {ciphers, [\"ECDHE-ECDSA-AES256-GCM-SHA384\"]}") == ["E0441"]
    assert https("{versions, [sslv3]}") == ["E0443"]


def claim_ciphers_lists_what_is_left(s):
    os.chmod(s.write("x.pem", good()), 0o600)
    s.write("a.cfg", c2s('{certfile, "x.pem"}, {ciphers, "ECDHE+AESGCM"}' + only("1.2", "1.3")))
    done = s.run("ciphers", "-WW08=off", "a.cfg")
    assert done.out == """listener ejabberd_c2s 0.0.0.0:5222
  certificates: EC
  TLS 1.3
    TLS_AES_256_GCM_SHA384          256 bits
    TLS_CHACHA20_POLY1305_SHA256    256 bits
    TLS_AES_128_GCM_SHA256          128 bits
  TLS 1.2
    ECDHE-ECDSA-AES256-GCM-SHA384   256 bits
    ECDHE-ECDSA-AES128-GCM-SHA256   128 bits
""", done.out
    assert done.err == ""
    both = s.run("ciphers", "--no-files", "a.cfg").out
    assert "ECDHE-RSA-AES256-GCM-SHA384" in both and "could be read" in both, both
    s.write("a.cfg", support.MINIMAL)
    assert s.run("ciphers", "a.cfg").out == "nothing speaks TLS\n"


support.main(globals())
