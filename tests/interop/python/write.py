"""Writes a contact as a patient, shared with a practitioner: for the suite of the package's
twin. Takes the practitioner's id and a text, and prints the contact's id."""

import sys
import uuid

import people  # Before the package: see there.
import target

from cardinal_sdk.model import AccessLevel

doctor, text = sys.argv[1:]
login = f"ada-{uuid.uuid4().hex[:8]}@example.org"
code = target.code_for(target.PATIENT_BY_EMAIL, login)
sdk = people.with_code(login, code, people.storage(), people.Strategies())
patient = sdk.patient.ensure_encryption_metadata_for_self_is_initialized_blocking()
delegates = {doctor: AccessLevel.Read}
contact = sdk.contact.with_encryption_metadata_blocking(people.note(text), patient, delegates=delegates)
print(sdk.contact.create_contact_blocking(contact).id)
