"""All data access of the package, as the patient and as the practitioner: each creates, changes,
finds and deletes."""

import unittest
import uuid

import people  # Before the package: see there.
import target
from outcomes import proving

from cardinal_sdk.filters import (
    CodeFilters,
    ContactFilters,
    DeviceFilters,
    HealthcarePartyFilters,
    HealthElementFilters,
    MaintenanceTaskFilters,
    PatientFilters,
    ServiceFilters,
    UserFilters,
)
from cardinal_sdk.model import (
    AccessLevel,
    Code,
    CodeStub,
    DecryptedContent,
    DecryptedDocument,
    DecryptedHealthElement,
    DecryptedMaintenanceTask,
    DecryptedPatient,
    DecryptedPropertyStub,
    DecryptedTypedValue,
    Device,
    Identifier,
    TypedValuesType,
    User,
)

SUBJECT = "IC-TEST"


def new_id():
    return str(uuid.uuid4())


def new_code():
    return f"C{uuid.uuid4().hex[:8]}"


def stub(code):
    return CodeStub(id=f"{SUBJECT}|{code}|1", type=SUBJECT, code=code, version="1")


def everything(iterator):
    """All that a filter finds, page by page."""
    found = []
    while iterator.has_next_blocking():
        found += iterator.next_blocking(2)
    return found


def ids(found):
    return sorted(one.id for one in found)


class Somebody:
    """A session, whom it writes about, and how it comes back."""

    def __init__(self, process, name):
        self.login = f"{name}-{uuid.uuid4().hex[:8]}@example.org"
        self.storage = people.storage()
        code = target.code_for(process, self.login)
        self.sdk = people.with_code(self.login, code, self.storage, people.Strategies())
        self.id = self.sdk.data_owner.get_current_data_owner_id_blocking()

    def again(self):
        """Another session, which learns of new exchange keys when it starts."""
        user = self.sdk.user.get_current_user_blocking()
        token = self.sdk.user.get_token_blocking(user.id, "again", token_validity=3600)
        return people.with_token(self.login, token, self.storage, people.Strategies(may_make_a_key=False))


class Data:
    """What both can do, whoever they are."""

    @classmethod
    def setUpClass(cls):
        doctor = Somebody(target.HCP_BY_EMAIL, "doctor")
        draft = DecryptedPatient(id=new_id(), first_name="Bob", last_name="Dylan")
        patients = doctor.sdk.patient
        doctor.about = patients.create_patient_blocking(patients.with_encryption_metadata_blocking(draft))
        ada = Somebody(target.PATIENT_BY_EMAIL, "ada")
        ada.about = ada.sdk.patient.ensure_encryption_metadata_for_self_is_initialized_blocking()
        (ada.about,) = ada.sdk.patient.decrypt_blocking([ada.about])
        cls.doctor, cls.ada = doctor, ada

    def test_health_elements(self):
        api, about, code = self.who.sdk.health_element, self.who.about, new_code()

        def draft(descr):
            draft = DecryptedHealthElement(id=new_id(), descr=descr, codes=[stub(code)], tags=[stub(code)])
            return api.with_encryption_metadata_blocking(draft, about)

        by_code = HealthElementFilters.by_code_for_self(SUBJECT, code)
        with proving(self, "health element: create"):
            stored = api.create_health_element_blocking(draft("a fear of snakes"))
            self.assertIsNone(api.encrypted.get_health_element_blocking(stored.id).descr)
            self.assertEqual(api.get_health_element_blocking(stored.id).descr, "a fear of snakes")
        with proving(self, "health element: change"):
            stored.descr = "a fear of spiders"
            changed = api.modify_health_element_blocking(stored)
            self.assertEqual(api.get_health_element_blocking(stored.id).descr, "a fear of spiders")
        with proving(self, "health element: several at once"):
            more = api.create_health_elements_blocking([draft("one"), draft("two"), draft("three")])
            found = api.get_health_elements_blocking(ids(more))
            self.assertEqual(sorted(one.descr for one in found), ["one", "three", "two"])
        every = ids([stored, *more])
        with proving(self, "health element: filter", "by code and by label"):
            for by in [by_code, HealthElementFilters.by_tag_for_self(SUBJECT, code)]:
                found = everything(api.filter_health_elements_by_blocking(by))
                self.assertEqual(ids(found), every)
                self.assertIn("a fear of spiders", [one.descr for one in found])
        with proving(self, "health element: match"):
            self.assertEqual(sorted(api.match_health_elements_by_blocking(by_code)), every)
        with proving(self, "health element: of a patient"):
            of_patient = HealthElementFilters.by_patients_for_self([about])
            self.assertEqual(sorted(api.match_health_elements_by_blocking(of_patient)), every)
        with proving(self, "health element: delete"):
            api.delete_health_element_blocking(changed)
            self.assertTrue(api.get_health_element_blocking(stored.id).deletion_date)
            api.delete_health_elements_blocking(more)
            self.assertEqual(api.match_health_elements_by_blocking(by_code), [])

    def test_contacts_and_their_data_samples(self):
        api, about, code = self.who.sdk.contact, self.who.about, new_code()

        def draft(text):
            contact = people.note(text)
            sample = contact.services[0]
            sample.tags, sample.codes = [stub(code)], [stub(code)]
            sample.identifier = [Identifier(system="interop", value=f"{code}-{text}")]
            sample.value_date = contact.opening_date = 20220929083400
            return api.with_encryption_metadata_blocking(contact, about)

        stored = api.create_contact_blocking(draft("one"))
        with proving(self, "contact: change"):
            stored.services[0].content = {"en": DecryptedContent(string_value="changed")}
            changed = api.modify_contact_blocking(stored)
            self.assertEqual(people.text_of(api.get_contact_blocking(stored.id)), "changed")
        with proving(self, "contact: several at once"):
            more = api.create_contacts_blocking([draft("two"), draft("three")])
            found = api.get_contacts_blocking(ids(more))
            self.assertEqual(sorted(map(people.text_of, found)), ["three", "two"])
        every = [stored, *more]
        with proving(self, "contact: filter", "by label, code, date and patient"):
            for by in [
                ContactFilters.by_service_tag_for_self(SUBJECT, code),
                ContactFilters.by_service_code_for_self(SUBJECT, code),
                ContactFilters.by_opening_date_for_self(20220929000000, 20220930000000),
                ContactFilters.by_patients_for_self([about]),
            ]:
                self.assertEqual(ids(everything(api.filter_contacts_by_blocking(by))), ids(every))
        with proving(self, "contact: match"):
            found = api.match_contacts_by_blocking(ContactFilters.by_service_tag_for_self(SUBJECT, code))
            self.assertEqual(sorted(found), ids(every))
        samples = [contact.services[0] for contact in every]
        by_label = ServiceFilters.by_tag_and_value_date_for_self(SUBJECT, code)
        with proving(self, "data sample: filter", "by label, code, date, patient and identifier"):
            for by in [
                by_label,
                ServiceFilters.by_code_and_value_date_for_self(SUBJECT, code, 20220929000000),
                ServiceFilters.by_patients_for_self([about]),
            ]:
                found = everything(api.filter_services_by_blocking(by))
                texts = sorted(one.content["en"].string_value for one in found)
                self.assertEqual((ids(found), texts), (ids(samples), ["changed", "three", "two"]))
            identifier = Identifier(system="interop", value=f"{code}-two")
            by = ServiceFilters.by_identifiers_for_self([identifier])
            (found,) = everything(api.filter_services_by_blocking(by))
            self.assertEqual(found.content["en"].string_value, "two")
        with proving(self, "data sample: match"):
            self.assertEqual(sorted(api.match_services_by_blocking(by_label)), ids(samples))
        with proving(self, "data sample: several by ids"):
            self.assertEqual(ids(api.get_services_blocking(ids(samples))), ids(samples))
        with proving(self, "data sample: change, in a later contact"):
            later = draft("the newest wins")
            later.services[0].id = samples[1].id
            later = api.create_contact_blocking(later)
            newest = api.get_service_blocking(samples[1].id)
            self.assertEqual(newest.content["en"].string_value, "the newest wins")
            api.delete_contact_blocking(later)
        with proving(self, "contact: delete"):
            api.delete_contact_blocking(changed)
            self.assertTrue(api.get_contact_blocking(stored.id).deletion_date)
            api.delete_contacts_blocking(more)
            self.assertEqual(api.match_services_by_blocking(by_label), [])

    def test_documents(self):
        api, content = self.who.sdk.document, bytearray(range(256)) * 12
        with proving(self, "document: create"):
            draft = DecryptedDocument(id=new_id(), name="an X-ray")
            stored = api.create_document_blocking(api.with_encryption_metadata_unlinked_blocking(draft))
        with proving(self, "document: attachment, encrypted"):
            attached = api.encrypt_and_set_main_attachment_blocking(stored, ["public.png"], content)
            self.assertNotIn(content[:64], api.get_raw_main_attachment_blocking(stored.id))
            found = api.get_and_decrypt_main_attachment_blocking(api.get_document_blocking(stored.id))
            self.assertEqual(found, content)
        with proving(self, "document: second attachment, encrypted"):
            twice = api.encrypt_and_set_secondary_attachment_blocking(attached, "report", None, content)
            document = api.get_document_blocking(stored.id)
            self.assertEqual(api.get_and_decrypt_secondary_attachment_blocking(document, "report"), content)
        with proving(self, "document: delete an attachment"):
            api.delete_main_attachment_blocking(stored.id, twice.rev)
            with self.assertRaises(Exception) as refusal:
                api.get_raw_main_attachment_blocking(stored.id)
            self.assertIn("404", str(refusal.exception))
        with proving(self, "document: change"):
            found = api.get_document_blocking(stored.id)
            found.name = "an MRI"
            changed = api.modify_document_blocking(found)
            self.assertEqual(api.get_document_blocking(stored.id).name, "an MRI")
        with proving(self, "document: delete"):
            api.delete_document_blocking(changed)
            self.assertTrue(api.get_document_blocking(stored.id).deletion_date)

    def test_notifications(self):
        api, kind = self.who.sdk.maintenance_task, new_code()
        other = self.ada if self.who is self.doctor else self.doctor
        by_kind = MaintenanceTaskFilters.by_type_for_self(kind)

        def saying(text):
            value = DecryptedTypedValue(type=TypedValuesType.String, string_value=text)
            return [DecryptedPropertyStub(id="asked", typed_value=value)]

        with proving(self, "notification: create"):
            draft = DecryptedMaintenanceTask(id=new_id(), task_type=kind, properties=saying("for a visit"))
            draft = api.with_encryption_metadata_blocking(draft, delegates={other.id: AccessLevel.Write})
            stored = api.create_maintenance_task_blocking(draft)
            self.assertEqual(api.encrypted.get_maintenance_task_blocking(stored.id).properties, [])
        theirs = other.again().maintenance_task
        with proving(self, "notification: filter", "as whoever asks and as whoever is asked"):
            for side in [api, theirs]:
                (found,) = everything(side.filter_maintenance_tasks_by_blocking(by_kind))
                self.assertEqual(found.properties[0].typed_value.string_value, "for a visit")
        with proving(self, "notification: change"):
            found.properties = saying("next week")
            theirs.modify_maintenance_task_blocking(found)
            found = api.get_maintenance_task_blocking(stored.id)
            self.assertEqual(found.properties[0].typed_value.string_value, "next week")
        with proving(self, "notification: delete"):
            api.delete_maintenance_task_blocking(found)
            self.assertEqual(everything(api.filter_maintenance_tasks_by_blocking(by_kind)), [])


class AsThePatient(Data, unittest.TestCase):
    @property
    def who(self):
        return self.ada

    def test_the_own_record(self):
        api, doctor = self.ada.sdk.patient, self.doctor
        with proving(self, "patient: change the own record"):
            own = api.get_patient_blocking(self.ada.id)
            own.note = "afraid of snakes"
            own = api.modify_patient_blocking(own)
            self.assertIsNone(api.encrypted.get_patient_blocking(self.ada.id).note)
            self.assertEqual(api.get_patient_blocking(self.ada.id).note, "afraid of snakes")
        with proving(self, "patient: share the own record"):
            api.share_with_blocking(doctor.id, own)
            self.assertEqual(doctor.sdk.patient.get_patient_blocking(self.ada.id).note, "afraid of snakes")


class AsThePractitioner(Data, unittest.TestCase):
    @property
    def who(self):
        return self.doctor

    def new_patient(self, **fields):
        draft = DecryptedPatient(id=new_id(), first_name="Ida", **fields)
        api = self.doctor.sdk.patient
        return api.create_patient_blocking(api.with_encryption_metadata_blocking(draft))

    def test_patients(self):
        api, identifier, name = self.doctor.sdk.patient, Identifier(system="interop", value=new_code()), new_code()
        by_identifier = PatientFilters.by_identifiers_for_self([identifier])
        with proving(self, "patient: create"):
            stored = self.new_patient(last_name=name, note="allergic", identifier=[identifier])
            self.assertIsNone(api.encrypted.get_patient_blocking(stored.id).note)
        with proving(self, "patient: change"):
            stored.note = "not allergic"
            changed = api.modify_patient_blocking(stored)
            self.assertEqual(api.get_patient_blocking(stored.id).note, "not allergic")
        with proving(self, "patient: filter", "by identifier"):
            found = everything(api.filter_patients_by_blocking(by_identifier))
            self.assertEqual([one.note for one in found], ["not allergic"])
        with proving(self, "patient: match", "by identifier and by name"):
            for by in [by_identifier, PatientFilters.by_name_for_self(name)]:
                self.assertEqual(api.match_patients_by_blocking(by), [stored.id])
        with proving(self, "patient: delete"):
            api.delete_patient_blocking(changed)
            self.assertEqual(api.match_patients_by_blocking(by_identifier), [])

    def test_users_and_practitioners(self):
        sdk, name = self.doctor.sdk, f"House{new_code()}"
        with proving(self, "practitioner: change"):
            own = sdk.healthcare_party.get_current_healthcare_party_blocking()
            own.last_name = name
            sdk.healthcare_party.modify_healthcare_party_blocking(own)
            seen = self.ada.sdk.healthcare_party.get_healthcare_party_blocking(self.doctor.id)
            self.assertEqual(seen.last_name, name)
        by_name = HealthcarePartyFilters.by_name(name)
        with proving(self, "practitioner: filter", "by name"):
            found = everything(sdk.healthcare_party.filter_health_parties_by_blocking(by_name))
            self.assertEqual(ids(found), [self.doctor.id])
        with proving(self, "practitioner: match", "by name"):
            self.assertEqual(sdk.healthcare_party.match_healthcare_parties_by_blocking(by_name), [self.doctor.id])
        patient, login = self.new_patient(last_name="Lupino", note="likes films"), f"ida-{new_code()}@example.org"
        with proving(self, "user: create", "for a patient of the practitioner"):
            draft = User(id=new_id(), login=login, email=login, patient_id=patient.id)
            user = sdk.user.create_user_blocking(draft)
        with proving(self, "user: by e-mail"):
            self.assertEqual(sdk.user.get_user_by_email_blocking(login).id, user.id)
        with proving(self, "user: filter", "by the patient's id"):
            found = everything(sdk.user.filter_users_by_blocking(UserFilters.by_patient_id(patient.id)))
            self.assertEqual(ids(found), [user.id])
        note = "a user with a token; the invited makes a key pair and reads the own record"
        with proving(self, "user: invite", note):
            token, storage = sdk.user.get_token_blocking(user.id, "invitation", token_validity=3600), people.storage()
            strategies = people.Strategies()
            people.with_token(login, token, storage, strategies)
            self.assertEqual(strategies.asked_for_a_key, 1)
            sdk.patient.share_with_blocking(patient.id, sdk.patient.get_patient_blocking(patient.id))
            invited = people.with_token(login, token, storage, people.Strategies(may_make_a_key=False))
            self.assertEqual(invited.patient.get_patient_blocking(patient.id).note, "likes films")

    def test_codes_and_devices(self):
        sdk, code = self.doctor.sdk, new_code()
        with proving(self, "code: create"):
            whole = f"{SUBJECT}|{code}|1"
            draft = Code(id=whole, type=SUBJECT, code=code, version="1", label={"en": "a test"}, regions=["be"])
            sdk.code.create_code_blocking(draft)
            self.assertEqual(sdk.code.get_code_with_parts_blocking(SUBJECT, code, "1").label["en"], "a test")
        with proving(self, "code: filter"):
            by = CodeFilters.by_region_type_code_version("be", SUBJECT, code)
            self.assertEqual(ids(everything(sdk.code.filter_codes_by_blocking(by))), [whole])
        with proving(self, "device: create"):
            draft = Device(id=new_id(), name="a scale", responsible=self.doctor.id)
            device = sdk.device.create_device_blocking(draft)
            self.assertEqual(sdk.device.get_device_blocking(device.id).name, "a scale")
        with proving(self, "device: change"):
            device.name = "a watch"
            device = sdk.device.modify_device_blocking(device)
            self.assertEqual(sdk.device.get_device_blocking(device.id).name, "a watch")
        by = DeviceFilters.by_responsible(self.doctor.id)
        with proving(self, "device: filter", "by who is responsible"):
            self.assertEqual(ids(everything(sdk.device.filter_devices_by_blocking(by))), [device.id])
        with proving(self, "device: delete"):
            sdk.device.delete_device_blocking(device)
            self.assertEqual(everything(sdk.device.filter_devices_by_blocking(by)), [])


if __name__ == "__main__":
    unittest.main()
