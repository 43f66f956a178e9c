"""The client's side of SCRAM (RFC 5802, RFC 7677, RFC 9266), with every value open to tampering."""
import base64
import hashlib
import hmac
import os


def b64(data):
    return base64.b64encode(data).decode()


class Scram:
    def __init__(self, name, user, password, binding=None, gs2=None):
        self.hash = "sha256" if "256" in name else "sha1"
        self.user, self.password, self.binding = user, password, binding
        self.gs2 = gs2 or (f"p={binding[0]},," if binding else "n,,")
        self.nonce = b64(os.urandom(18))

    def first(self):
        self.bare = f"n={self.user.replace('=', '=3D').replace(',', '=2C')},r={self.nonce}"
        return (self.gs2 + self.bare).encode()

    def final(self, challenge, nonce=None, c=None, password=None):
        text = challenge.decode()
        fields = dict(f.split("=", 1) for f in text.split(","))
        self.fields = fields
        assert fields["r"].startswith(self.nonce)
        cbind = c if c is not None else b64(self.gs2.encode() + (self.binding[1] if self.binding else b""))
        without = f"c={cbind},r={nonce or fields['r']}"
        salted = hashlib.pbkdf2_hmac(self.hash, (password or self.password).encode(), base64.b64decode(fields["s"]), int(fields["i"]))
        key = hmac.digest(salted, b"Client Key", self.hash)
        stored = hashlib.new(self.hash, key).digest()
        message = f"{self.bare},{text},{without}".encode()
        proof = bytes(a ^ b for a, b in zip(key, hmac.digest(stored, message, self.hash)))
        server_key = hmac.digest(salted, b"Server Key", self.hash)
        self.signature = hmac.digest(server_key, message, self.hash)
        return f"{without},p={b64(proof)}".encode()
