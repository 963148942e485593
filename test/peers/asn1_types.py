# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""ASN.1 types for python3-pyasn1 in few words, and their values as plain Python (what JSON can carry).

    Arg = seq("Arg", req("msisdn", Address, 0), opt("imsi", Tbcd))
    der(Arg, {"msisdn": "+49171"})              octets
    read(Arg, octets)                           {"msisdn": "+49171"}; Undecodable

OCTET STRING is hexadecimal text, NULL is True, a CHOICE a dict of one, BIT STRING text of 0 and 1, Address and Tbcd are digits. Tags are
implicit but for CHOICE and where it says so. An element that a type does not have is an error: this is a judge.
"""

from pyasn1.codec.ber import decoder
from pyasn1.codec.der import encoder
from pyasn1.error import PyAsn1Error
from pyasn1.type import base, char, namedtype, tag, univ

CONTEXT, APPLICATION = tag.tagClassContext, tag.tagClassApplication


class Undecodable(Exception):
    pass


# ---- digits ----

DIGITS = "0123456789*#abc"


def tbcd(digits):
    padded = digits + "f" * (len(digits) & 1)
    value = {d: i for i, d in enumerate(DIGITS)} | {"f": 15}
    return bytes(value[padded[i]] | value[padded[i + 1]] << 4 for i in range(0, len(padded), 2))


def tbcd_digits(octets):
    nibbles = [n for o in octets for n in (o & 15, o >> 4)]
    if nibbles and nibbles[-1] == 15:
        nibbles.pop()
    if 15 in nibbles:
        raise Undecodable("filler within digits: " + octets.hex())
    return "".join(DIGITS[n] for n in nibbles)


class Tbcd(univ.OctetString):
    """IMSI (TS 29.002 17.7.8)"""

    @staticmethod
    def to_octets(text):
        return tbcd(text)

    @staticmethod
    def to_text(octets):
        return tbcd_digits(octets)


class Address(univ.OctetString):
    """AddressString: "+49171" is international and E.164, anything else "TON/NPI/digits"."""

    @staticmethod
    def to_octets(text):
        if text.startswith("+"):
            return b"\x91" + tbcd(text[1:])
        ton, npi, digits = text.split("/")
        return bytes([0x80 | int(ton) << 4 | int(npi)]) + tbcd(digits)

    @staticmethod
    def to_text(octets):
        if not octets or not octets[0] & 0x80:
            raise Undecodable("AddressString: " + octets.hex())
        digits = tbcd_digits(octets[1:])
        return "+" + digits if octets[0] == 0x91 else "%d/%d/%s" % (octets[0] >> 4 & 7, octets[0] & 15, digits)


# ---- types ----

Octets, Int, Enum, Null, Bool, Oid, Bits, Any = (univ.OctetString, univ.Integer, univ.Enumerated, univ.Null, univ.Boolean, univ.ObjectIdentifier,
                                                univ.BitString, univ.Any)


def tagged(cls, number, explicit=False, tag_class=CONTEXT):
    """An instance of the type; number None: with its own tag."""
    if number is None:
        return cls()
    if explicit or (issubclass(cls, univ.Choice) and not cls.tagSet):
        return cls().subtype(explicitTag=tag.Tag(tag_class, tag.tagFormatConstructed, number))
    simple = tag.tagFormatConstructed if issubclass(cls, base.ConstructedAsn1Type) else tag.tagFormatSimple
    return cls().subtype(implicitTag=tag.Tag(tag_class, simple, number))


def req(name, cls, number=None, **how):
    return namedtype.NamedType(name, tagged(cls, number, **how))


def opt(name, cls, number=None, **how):
    return namedtype.OptionalNamedType(name, tagged(cls, number, **how))


def seq(name, *fields, number=None, tag_class=CONTEXT):
    """A SEQUENCE, implicitly tagged if there is a number."""
    tags = univ.Sequence.tagSet
    if number is not None:
        tags = tags.tagImplicitly(tag.Tag(tag_class, tag.tagFormatConstructed, number))
    return type(name, (univ.Sequence,), {"tagSet": tags, "componentType": namedtype.NamedTypes(*fields)})


def choice(name, *fields):
    return type(name, (univ.Choice,), {"componentType": namedtype.NamedTypes(*fields)})


def seq_of(name, element, number=None, tag_class=CONTEXT):
    tags = univ.SequenceOf.tagSet
    if number is not None:
        tags = tags.tagImplicitly(tag.Tag(tag_class, tag.tagFormatConstructed, number))
    return type(name, (univ.SequenceOf,), {"tagSet": tags, "componentType": element()})


# ---- values ----

def to_python(value):
    if isinstance(value, univ.Choice):
        return {value.getName(): to_python(value.getComponent())}
    if isinstance(value, univ.Sequence):
        parts = ((name, value.getComponentByName(name, default=None, instantiate=False)) for name in value.componentType)
        return {name: to_python(part) for name, part in parts if part is not None and part.isValue}
    if isinstance(value, univ.SequenceOf):
        return [to_python(v) for v in value]
    if isinstance(value, (Tbcd, Address)):
        return value.to_text(bytes(value))
    if isinstance(value, univ.BitString):
        return "".join(str(b) for b in value)
    if isinstance(value, univ.ObjectIdentifier):
        return str(value)
    if isinstance(value, univ.Boolean):
        return bool(value)
    if isinstance(value, univ.Integer):
        return int(value)
    return True if isinstance(value, univ.Null) else bytes(value).hex()


def fill(target, value):
    """Put a plain value into an instance of a type; gives what holds it."""
    if isinstance(target, univ.SequenceOf):
        target.clear()
        for i, v in enumerate(value):
            target.setComponentByPosition(i, fill(target.componentType.clone(), v))
        return target
    if isinstance(target, (univ.Sequence, univ.Choice)):
        target.clear()
        for name, v in value.items():
            if name not in target.componentType:
                raise ValueError("%s has no element %s" % (type(target).__name__, name))
            if v is not None:
                part = target.componentType[name].asn1Object.clone()
                target.setComponentByName(name, fill(part, v))
        return target
    if isinstance(target, (Tbcd, Address)):
        return target.clone(target.to_octets(value))
    if isinstance(target, univ.BitString):
        return target.clone(binValue=value)
    if isinstance(target, univ.Null):
        return target.clone("")
    if isinstance(target, (univ.OctetString, univ.Any)) and isinstance(value, str):
        return target.clone(hexValue=value)
    return target.clone(value)


def der(cls, value):
    try:
        return encoder.encode(fill(cls(), value))
    except PyAsn1Error as e:
        raise ValueError("%s: %s" % (cls.__name__, str(e)[:200])) from e


def read(cls, octets):
    """One whole element of that type."""
    try:
        value, rest = decoder.decode(bytes(octets), asn1Spec=cls())
        if rest:
            raise Undecodable("%d octets behind the end of %s" % (len(rest), cls.__name__))
        return to_python(value)
    except Undecodable:
        raise
    except Exception as e:   # pyasn1 raises what it likes on hostile input
        raise Undecodable("%s: %s" % (cls.__name__, str(e)[:200])) from e


__all__ = ["APPLICATION", "Address", "Any", "Bits", "Bool", "CONTEXT", "Enum", "Int", "Null", "Octets", "Oid", "Tbcd", "Undecodable", "char", "choice", "der",
           "opt", "read", "req", "seq", "seq_of", "tbcd", "tbcd_digits"]
