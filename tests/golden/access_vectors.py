#!/usr/bin/env python3
"""access_vectors.py CFGC SOURCE_DIR CC: emitted access rules against a slow, obvious interpreter of the same terms.

First rows whose results are known from the Erlang server, then random sets and rules over random hosts: the emitted C
and the interpreter must agree about every JID. The interpreter knows nothing of folding, merging at compile time, tables
or switches: it walks the clauses and the specs as the configuration has them. Each configuration is asked as documented
and as MongooseIM 3.2.0 would answer (--compat).
"""
import json
import os
import random
import re
import subprocess
import sys
import tempfile

CFGC, SOURCE, CC = sys.argv[1:4]
NOTHING = "-"  # no clause matches


# ---- the interpreter ---------------------------------------------------------------------------------------------

def glob_regexp(glob):
    out, i = "", 0
    while i < len(glob):
        c = glob[i]
        i += 1
        if c == "*":
            out += ".*"
        elif c == "?":
            out += "."
        elif c == "[":
            end = glob.index("]", i)
            body = glob[i:end]
            out += "[" + ("^" + body[1:] if body.startswith("!") else body) + "]"
            i = end + 1
        else:
            out += re.escape(c)
    return "^(" + out + ")$"


def found(regexp, text):
    """Erlang's re sees bytes, so a dot is one byte."""
    return re.search(regexp.encode(), text.encode()) is not None


def spec_matches(spec, host, jid, hosts, compat):
    node, domain, resource = jid
    kind, *ops = spec
    if compat == "mongooseim":  # every operand is prepared like a user's name
        if not all(op.isascii() for op in ops):
            return False
        ops = [op.lower() for op in ops]
    server = domain in hosts if host is None else domain == host
    if kind == "all":
        return True
    if kind == "none":
        return False
    if kind == "server":
        return domain == ops[0].lower()
    if kind == "resource":
        return resource == ops[0]
    if kind.startswith("server_"):
        return found(ops[0] if kind.endswith("regexp") else glob_regexp(ops[0]), domain)
    if kind.startswith("resource_"):
        return found(ops[0] if kind.endswith("regexp") else glob_regexp(ops[0]), resource)
    if kind.startswith("node_"):
        user, on = ops if kind.endswith("regexp") else map(glob_regexp, ops)
        return found(on, domain) and found(user, node)
    if not (server if len(ops) == 1 else domain == ops[1].lower()):
        return False
    if kind == "user":
        return node == ops[0].lower()
    return found(ops[0] if kind == "user_regexp" else glob_regexp(ops[0]), node)


def in_set(config, name, host, jid):
    if name in ("all", "none"):
        return name == "all"
    specs = config["acl"].get((name, None), []) + (config["acl"].get((name, host), []) if host is not None else [])
    return any(spec_matches(s, host, jid, config["hosts"], config["compat"]) for s in specs)


def merged(config, rule, host):
    of_all, of_host = config["access"].get((rule, None)), config["access"].get((rule, host))
    if host is None or of_host is None:
        return of_all
    if of_all is None:
        return of_host
    if of_all and of_all[-1] == (config["allow"], "all"):
        return of_all[:-1] + of_host + of_all[-1:]
    return of_all + of_host


def interpret(config, rule, host, jid):
    for value, name in merged(config, rule, host) or []:
        if in_set(config, name, host, jid):
            return value
    return NOTHING


# ---- the configuration as text, and the emitted code as a program ------------------------------------------------

def string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def spec_term(spec):
    return spec[0] if len(spec) == 1 else "{" + ", ".join([spec[0]] + [string(s) for s in spec[1:]]) + "}"


def clause_list(clauses):
    return "[" + ", ".join(f"{{{v}, {n}}}" for v, n in clauses) + "]"


def config_text(config, kind):
    rules = sorted({name for name, _ in config["access"]})
    option = "shaper" if kind == "shaper" else "access"
    out = ["{hosts, [" + ", ".join(map(string, config["hosts"])) + "]}.", "{sm_backend, {mnesia, []}}.",
           "{auth_method, internal}.", "{listen, ["]
    other = "{access, all}, " if kind == "shaper" else ""
    out.append(",\n".join(f"  {{{6000 + i}, ejabberd_c2s, [{other}{{{option}, {r}}}]}}" for i, r in enumerate(rules)))
    out.append("]}.")
    for value in sorted({v for clauses in config["access"].values() for v, _ in clauses}):
        if kind == "shaper":
            out.append(f"{{shaper, {value}, {{maxrate, 1}}}}.")
    for (name, host), specs in config["acl"].items():
        for s in specs:
            term = f"{{acl, {name}, {spec_term(s)}}}"
            out.append(f"{term}." if host is None else f"{{host_config, {string(host)}, [{term}]}}.")
    for (name, host), clauses in config["access"].items():
        term = f"{{access, {name}, {clause_list(clauses)}}}"
        out.append(f"{term}." if host is None else f"{{host_config, {string(host)}, [{term}]}}.")
    return "\n".join(out) + "\n"


HARNESS = """
#include <stdio.h>
#include <stdlib.h>

#include "server.c"

/* rule host node domain resource, each preceded by its length and a colon; prints the value's name. */
static char *take(uint16_t *len)
{
	unsigned n;
	char *p;

	if (scanf("%u:", &n) != 1)
		exit(0);
	p = calloc(1, n + 1);
	if (fread(p, 1, n, stdin) != n)
		abort();
	*len = (uint16_t)n;
	return p;
}

int main(void)
{
	char error[200];

	if (rt_gen.init != NULL && !rt_gen.init(error, sizeof(error))) {
		puts(error);
		return 1;
	}
	for (;;) {
		struct rt_access_ctx who = {0};
		uint16_t n;
		char *rule = take(&n), *host = take(&n);

		who.host = (int16_t)rt_gen.host_find(host, n);
		who.node = take(&who.node_len);
		who.domain = take(&who.domain_len);
		who.resource = take(&who.resource_len);
		who.domain_host = (int16_t)rt_gen.host_find(who.domain, who.domain_len);
@CALLS@
	}
}
"""
SHAPER_CALL = """		if (strcmp(rule, "%s") == 0) {
			const struct rt_shaper_spec *s = %s(&who);
			puts(s != NULL ? s->name : "-");
		}"""
VERDICT_CALL = """		if (strcmp(rule, "%s") == 0)
			puts(%s(&who) == RT_ALLOW ? "allow" : "deny");"""


def build(config, kind, tmp):
    path, out = os.path.join(tmp, "in.cfg"), os.path.join(tmp, "out")
    with open(path, "w", encoding="utf-8") as f:
        f.write(config_text(config, kind))
    done = subprocess.run([CFGC, "emit", "--color=never", "--compat", config["compat"], "-d", out, path], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        sys.exit(f"cfgc exited {done.returncode}\n{done.stderr}\n{config_text(config, kind)}")
    rules = json.load(open(os.path.join(out, "manifest.json"), encoding="utf-8"))["access"]
    calls = "\n".join((SHAPER_CALL if kind == "shaper" else VERDICT_CALL) % (r["name"], r["symbol"]) for r in rules)
    main = os.path.join(tmp, "main.c")
    with open(main, "w", encoding="utf-8") as f:
        f.write(HARNESS.replace("@CALLS@", calls))
    program = os.path.join(tmp, "main")
    subprocess.run([CC, "-std=c17", "-D_GNU_SOURCE", "-O1", "-w", "-ffunction-sections", "-fdata-sections",
                    "-no-pie", "-Wl,--gc-sections", "-Wl,--unresolved-symbols=ignore-all", f"-I{out}", f"-I{SOURCE}/runtime",
                    f"-I{SOURCE}/runtime/include", main, f"{SOURCE}/runtime/policy/access.c", "-o", program,
                    "-lpcre2-8"], check=True)
    return program


def ask(program, questions):
    def part(text):
        raw = text.encode()
        return f"{len(raw)}:".encode() + raw

    data = b" ".join(b"".join(map(part, [rule, host or "", *jid])) for rule, host, jid in questions)
    done = subprocess.run([program], input=data, capture_output=True, timeout=120)
    if done.returncode != 0:
        sys.exit(f"harness exited {done.returncode}: {done.stdout.decode()} {done.stderr.decode()}")
    answers = done.stdout.decode().split("\n")[:-1]
    assert len(answers) == len(questions), (len(answers), len(questions))
    return answers


# ---- rows known from the Erlang server ---------------------------------------------------------------------------

def jid(text):
    text, _, resource = text.partition("/")
    node, at, domain = text.rpartition("@")
    return (node, domain, resource)


def known_rows(compat):
    config = {"hosts": ["a", "b"], "allow": "allowed", "compat": compat,
              "acl": {("admin", None): [("user", "Bob")], ("adm2", None): [("user", "bob", "X.com")],
                      ("local", None): [("user_regexp", "")], ("res", None): [("resource", "Phone")],
                      ("res2", None): [("resource_regexp", "^P")], ("g", None): [("user_glob", "te?t*")],
                      ("re", None): [("user_regexp", r"^[a-z]+\d$")], ("nre", None): [("node_regexp", "^b", "com$")],
                      ("hl", "a"): [("user", "bob")], ("nobody", None): [("none",)]},
              "access": {}}
    rows = []

    def row(of_all, of_host, host, who, result):
        name = f"r{len(config['access'])}"
        if of_all is not None:
            config["access"][(name, None)] = of_all
        if of_host is not None:
            config["access"][(name, "a")] = of_host
        rows.append((name, host, jid(who), result))

    def same(host, who, result):
        rows.append((rows[-1][0], host, jid(who), result))

    row([("yes", "admin")], None, "a", "bob@a/Phone", "yes")
    same("a", "bob@b", "-")          # the server must be the host
    same(None, "bob@b", "yes")       # any served host
    same(None, "bob@x.com/P1", "-")
    row([("yes", "adm2")], None, "a", "bob@x.com", "yes")
    row([("glob", "admin")], [("host", "all")], "a", "bob@a", "glob")
    same("a", "joe@a", "host")
    same("b", "joe@b", "-")
    row([("y", "nobody"), ("z", "none")], [("x", "all")], "a", "joe@a", "x")
    row([("yes", "local")], None, "a", "@a", "yes")
    same("a", "bob@b", "-")
    row([("one", "res"), ("two", "res2")], None, "a", "bob@a/Phone", "one" if compat == "documented" else "-")
    row([("yes", "g")], None, "a", "test1@a", "yes")
    same("a", "tester@a", "yes")
    same("a", "tet@a", "-")
    row([("yes", "re")], None, "a", "bob@a", "-")
    same("a", "bob1@a", "yes")
    row([("yes", "nre")], None, "a", "bob@x.com", "yes")
    row([("yes", "missing")], None, "a", "bob@a", "-")
    row([], None, "a", "bob@a", "-")
    row(None, [("host", "all")], "b", "bob@b", "-")
    return config, rows


def verdict_rows(compat):
    """The special place of a global clause about all: for MongooseIM only that of {allow, all} at the end."""
    config = {"hosts": ["a", "b"], "allow": "allow", "compat": compat,
              "acl": {("admin", None): [("user", "bob")], ("hl", "a"): [("user", "bob")]},
              "access": {("r", None): [("allow", "hl"), ("allow", "all")], ("r", "a"): [("deny", "admin")],
                         ("s", None): [("allow", "all")], ("s", "a"): [("deny", "admin")],
                         ("t", None): [("deny", "all")], ("t", "a"): [("allow", "all")]}}
    rows = [("r", "a", jid("bob@a"), "allow"), ("r", "a", jid("zed@a"), "allow"), ("s", "a", jid("bob@a"), "deny"),
            ("s", "a", jid("zed@a"), "allow"), ("s", "b", jid("bob@b"), "allow"), ("t", "a", jid("zed@a"), "deny")]
    return config, rows


# ---- random configurations ---------------------------------------------------------------------------------------

NODES = ["", "bob", "alice", "bot-1", "bot-2", "spam7", "test", "tester", "x", "a.b", "newbie", "ü"]
DOMAINS = ["a", "b.example", "x.org", "sub.x.org", "y.org", "bots.net", "long.name.example"]
RESOURCES = ["", "Phone", "phone", "work-1", "mobile"]
REGEXPS = ["", "^", "$", "^bob$", "^bo", "ob$", "^(bob|alice)$", "[0-9]", "^bot-", r"\.", r"^x\.org$", "^.*$", "^.*b", ".",
           "^a?", "o+", "^te.t", "^bot\\-1$", "(?i)BOB", "^()$", "^(.*)$", "^(.*b)$"]
GLOBS = ["*", "bo*", "*b", "b?b", "bot-[0-9]", "[!b]*", "*o*", "x.org", "*.x.org", "bot-*", "te?t*", "", "?"]


def random_spec(r):
    users, servers, res = r.choice(NODES[1:]), r.choice(DOMAINS), r.choice(RESOURCES[1:])
    rx, gl = (lambda: r.choice(REGEXPS)), (lambda: r.choice(GLOBS))
    return r.choice([lambda: ("user", users), lambda: ("user", users, servers), lambda: ("server", servers),
                     lambda: ("resource", res), lambda: ("user_regexp", rx()), lambda: ("user_regexp", rx(), servers),
                     lambda: ("server_regexp", rx()), lambda: ("resource_regexp", rx()),
                     lambda: ("node_regexp", rx(), rx()), lambda: ("user_glob", gl()),
                     lambda: ("user_glob", gl(), servers), lambda: ("server_glob", gl()),
                     lambda: ("resource_glob", gl()), lambda: ("node_glob", gl(), gl()), lambda: ("none",),
                     lambda: ("all",)])()


def random_config(r, kind):
    hosts = r.sample(DOMAINS, r.randint(1, 4))
    sets = [f"s{i}" for i in range(6)]
    values = ["allow", "deny"] if kind == "verdict" else ["v1", "v2", "v3"]
    config = {"hosts": hosts, "compat": r.choice(["documented", "mongooseim"]), "allow": "allow" if kind == "verdict" else "never", "acl": {}, "access": {}}
    for s in sets[:5]:  # the last one stays undefined
        many = r.random() < 0.3
        config["acl"][(s, None)] = [random_spec(r) for _ in range(r.randint(1, 4))]
        if many:  # tables and switches
            config["acl"][(s, None)] = ([("user", r.choice(NODES[1:]) + str(i), r.choice(DOMAINS))
                                         for i in range(r.choice([12, 600]))] +
                                        [("user", n) for n in r.sample(NODES[1:], 9)] +
                                        [("user", n, r.choice(DOMAINS)) for n in r.sample(NODES[1:], 9)] +
                                        [("server", f"{r.choice('abc')}{i}.{d}") for i in range(r.choice([3, 80, 300]))
                                         for d in ("x.org", "z")])
        if r.random() < 0.4:
            config["acl"][(s, r.choice(hosts))] = [random_spec(r) for _ in range(r.choice([1, 2, 12]))]

    def clauses():
        return [(r.choice(values), r.choice(sets + ["all", "none"])) for _ in range(r.randint(0, 5))]

    for i in range(4):
        name = f"r{i}"
        if r.random() < 0.9:
            config["access"][(name, None)] = clauses() + ([(values[0], "all")] if r.random() < 0.4 else [])
        for h in hosts:
            if r.random() < 0.4 or (name, None) not in config["access"]:
                config["access"][(name, h)] = clauses()
    return config


def random_questions(r, config, n):
    rules = sorted({name for name, _ in config["access"]})
    servers = DOMAINS + [f"{c}{i}.x.org" for c in "abc" for i in (0, 7, 79)] + ["nowhere"]
    return [(r.choice(rules), r.choice(config["hosts"] + [None]),
             (r.choice(NODES + ["bob3", "alice7"]), r.choice(servers), r.choice(RESOURCES))) for _ in range(n)]


def compare(config, kind, questions, expected):
    with tempfile.TemporaryDirectory() as tmp:
        answers = ask(build(config, kind, tmp), questions)
    for q, want, got in zip(questions, expected, answers):
        if want == NOTHING and kind == "verdict":
            want = "deny"
        if want != got:
            sys.exit(f"{q}: expected {want}, the emitted code says {got}\n{config_text(config, kind)[:5000]}")


def main():
    for compat in ("documented", "mongooseim"):
        config, rows = known_rows(compat)
        compare(config, "shaper", [r[:3] for r in rows], [r[3] for r in rows])
        for rule, host, who, result in rows:
            assert interpret(config, rule, host, who) == result, (rule, host, who, result)
        config, rows = verdict_rows(compat)
        compare(config, "verdict", [r[:3] for r in rows], [r[3] for r in rows])
    for seed in range(int(os.environ.get("CFGC_ACCESS_SEEDS", "8"))):
        r = random.Random(seed)
        kind = "shaper" if seed % 2 == 0 else "verdict"
        config = random_config(r, kind)
        questions = random_questions(r, config, 4000)
        compare(config, kind, questions, [interpret(config, *q) for q in questions])


main()
