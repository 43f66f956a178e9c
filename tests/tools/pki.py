"""pki.py - certificates for tests, made with openssl(1): fixed dates, so that no test ages. They live in one scratch folder.

    root = authority("root"); ca = authority("ca", root); leaf = certificate("a.example", ca)
    leaf.pem, leaf.key, ca.pem: texts in PEM form
"""
import os
import subprocess
import tempfile

FOLDER = tempfile.TemporaryDirectory()
BEGIN, END = "20300101000000Z", "20310101000000Z"
made = {}


def openssl(*args, stdin=None):
    done = subprocess.run(["openssl", *args], cwd=FOLDER.name, input=stdin, capture_output=True, timeout=120)
    assert done.returncode == 0, f"openssl {' '.join(args)}\n{done.stderr.decode()}"
    return done.stdout


def new_key(kind="ec"):
    """ec, ec192, ed25519, dsa, rsa, rsa1024: a new private key in PEM form."""
    if kind.startswith("rsa"):
        return openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{kind[3:] or 2048}").decode()
    if kind == "ed25519":
        return openssl("genpkey", "-algorithm", "ED25519").decode()
    curve = {"ec": "prime256v1", "ec192": "prime192v1"}[kind]
    return openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + curve).decode()


class Certificate:
    def __init__(self, name, issuer, key, extensions, begin, end, digest):
        self.name, self.key = name, key
        self.number = len(made)
        made[self.number] = self
        self.write("key", key)
        self.write("cnf", f"""[ca]
default_ca = own
[own]
database = {self.number}.db
new_certs_dir = .
rand_serial = yes
policy = any
unique_subject = no
default_md = {digest}
[any]
commonName = supplied
[req]
distinguished_name = dn
prompt = no
[dn]
CN = {name}
[x]
{extensions}
""")
        self.write("db", "")
        openssl("req", "-new", "-config", self.path("cnf"), "-key", self.path("key"), "-out", self.path("csr"))
        signer = issuer or self
        self.write("pem", issuer.pem if issuer else "")
        openssl("ca", "-batch", "-notext", "-config", self.path("cnf"), "-extfile", self.path("cnf"), "-extensions", "x",
                "-startdate", begin, "-enddate", end, "-in", self.path("csr"), "-out", self.path("pem"),
                *(["-keyfile", signer.path("key"), "-cert", signer.path("pem")] if issuer else
                  ["-selfsign", "-keyfile", self.path("key")]))
        with open(os.path.join(FOLDER.name, self.path("pem")), encoding="ascii") as f:
            self.pem = f.read()
        self.both = self.pem + self.key

    def path(self, kind):
        return f"{self.number}.{kind}"

    def write(self, kind, text):
        with open(os.path.join(FOLDER.name, self.path(kind)), "w", encoding="utf-8") as f:
            f.write(text)


def authority(name, issuer=None, key=None, begin=BEGIN, end=END, digest="sha256"):
    return Certificate(name, issuer, key or new_key(), "basicConstraints = critical,CA:true\nkeyUsage = keyCertSign",
                       begin, end, digest)


def certificate(names, issuer=None, key=None, cn="server", fetch=False, begin=BEGIN, end=END, digest="sha256"):
    """names: what subjectAltName holds, as DNS:a.example,otherName:...; "" for none. fetch: it says where its issuer is."""
    lines = ["basicConstraints = CA:false"]
    if names:
        lines.append("subjectAltName = " + names)
    if fetch:
        lines.append("authorityInfoAccess = caIssuers;URI:http://ca.example/ca.der")
    return Certificate(cn, issuer, key or new_key(), "\n".join(lines), begin, end, digest)


def xmpp_name(domain):
    return f"otherName:1.3.6.1.5.5.7.8.5;UTF8:{domain}"


def srv_name(service, domain):
    return f"otherName:1.3.6.1.5.5.7.8.7;IA5:_{service}.{domain}"


def revocations(issuer):
    return openssl("ca", "-gencrl", "-config", issuer.path("cnf"), "-keyfile", issuer.path("key"), "-cert", issuer.path("pem"),
                   "-crldays", "30").decode()
