"""Whether the key of a certificate signed some bytes: ECDSA, or RSA (PKCS#1 v1.5), SHA-256."""

from asn1crypto import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa


def is_signed(data: bytes, signature: bytes, certificate: x509.Certificate) -> bool:
    """Whether that key signed exactly these bytes."""
    key = serialization.load_der_public_key(certificate.public_key.dump())
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        else:
            return False
    except InvalidSignature:
        return False
    return True
