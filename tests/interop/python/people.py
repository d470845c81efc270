"""Somebody with the package in hand."""

import os
import tempfile
import uuid

# First: once the package's native library is there, with a libcrypto of its own, Python's
# `hashlib`, which urllib needs, crashes while it is loaded.
import target  # isort: skip

from cardinal_sdk import CardinalSdk
from cardinal_sdk.authentication import UsernameLongToken, UsernamePassword
from cardinal_sdk.CryptoStrategies import (
    CryptoStrategies,
    KeyGenerationRequestResultAllow,
    KeyGenerationRequestResultDeny,
)
from cardinal_sdk.model import CodeStub, DataOwnerType, DecryptedContact, DecryptedContent, DecryptedService
from cardinal_sdk.options import SdkOptions
from cardinal_sdk.storage import FileSystemStorage


class Strategies(CryptoStrategies):
    """Takes the keys of delegates as they are; patients stay unnamed, unless everybody is named."""

    def __init__(self, may_make_a_key=True, named=False):
        self.may_make_a_key = may_make_a_key
        self.named = named
        self.asked_for_a_key = 0
        self.asked_about = []

    def generate_new_key_for_data_owner(self, self_data_owner):
        self.asked_for_a_key += 1
        return KeyGenerationRequestResultAllow() if self.may_make_a_key else KeyGenerationRequestResultDeny()

    def verify_delegate_public_keys(self, delegate, public_keys, group_id):
        self.asked_about.append(delegate.stub.id)
        return public_keys

    def data_owner_requires_anonymous_delegation(self, data_owner, group_id):
        return not self.named and data_owner.type != DataOwnerType.Hcp


def storage():
    """A folder for the keys of one device, gone when the suite ends."""
    return tempfile.mkdtemp(dir=os.environ["REHEARSE_SCRATCH"])


def with_code(login, code, storage, strategies):
    return _sdk(UsernamePassword(login, code), storage, strategies)


def with_token(login, token, storage, strategies):
    return _sdk(UsernameLongToken(login, token), storage, strategies)


def _sdk(credentials, storage, strategies):
    if isinstance(storage, str):
        storage = FileSystemStorage(storage)
    return CardinalSdk(None, target.API, credentials, storage, SdkOptions(crypto_strategies=strategies))


def note(text):
    """A contact with one data sample, not yet encrypted."""
    service = DecryptedService(
        id=str(uuid.uuid4()),
        tags=[CodeStub(id="IC-TEST|TEST|1", type="IC-TEST", code="TEST", version="1")],
        content={"en": DecryptedContent(string_value=text)},
    )
    return DecryptedContact(id=str(uuid.uuid4()), services=[service])


def text_of(contact):
    return contact.services[0].content["en"].string_value
