"""The package on its own: it logs in, makes keys, writes, shares, reads."""

import time
import unittest
import uuid

import people  # Before the package: see there.
import target
from outcomes import not_offered, proving

import cardinal_sdk
from cardinal_sdk.api.AuthApi import AuthApi
from cardinal_sdk.model import AccessLevel, DecryptedContent


class Cardinal(unittest.TestCase):
    """A patient and the practitioner in charge."""

    @classmethod
    def setUpClass(cls):
        suffix = uuid.uuid4().hex[:8]
        cls.doctor_login, cls.login = f"doctor-{suffix}@example.org", f"ada-{suffix}@example.org"
        code = target.code_for(target.HCP_BY_EMAIL, cls.doctor_login)
        cls.doctor = people.with_code(cls.doctor_login, code, people.storage(), people.Strategies())
        cls.doctor_id = cls.doctor.user.get_current_user_blocking().healthcare_party_id
        cls.code = target.code_for(target.PATIENT_BY_EMAIL, cls.login, cls.doctor_id)

    def patient(self):
        """A patient of its own, with a key pair, and its own document."""
        login = f"patient-{uuid.uuid4().hex[:8]}@example.org"
        code = target.code_for(target.PATIENT_BY_EMAIL, login, self.doctor_id)
        sdk = people.with_code(login, code, people.storage(), people.Strategies())
        return sdk, sdk.patient.ensure_encryption_metadata_for_self_is_initialized_blocking()

    def written(self, text, **options):
        """A patient with a contact that is stored."""
        sdk, patient = self.patient()
        contact = sdk.contact.with_encryption_metadata_blocking(people.note(text), patient, **options)
        return sdk, sdk.contact.create_contact_blocking(contact)

    def test_log_in_and_publish_a_key(self):
        storage, strategies = people.storage(), people.Strategies()
        with proving(self, "log in with login and OTP"):
            sdk = people.with_code(self.login, self.code, storage, strategies)
        with proving(self, "current user"):
            user = sdk.user.get_current_user_blocking()
            self.assertEqual(user.login, self.login)
            self.assertEqual(user.patient_id, sdk.data_owner.get_current_data_owner_id_blocking())
        with proving(self, "create a key pair"):
            self.assertEqual(strategies.asked_for_a_key, 1)
            keys = sdk.crypto.current_data_owner_keys_blocking()[user.patient_id]
            self.assertEqual(len(keys), 1)
        with proving(self, "publish the public key"):
            # As somebody else sees it.
            stub = self.doctor.data_owner.get_crypto_actor_stub_blocking(user.patient_id).stub
            published = {key[-32:] for key in stub.public_keys_for_oaep_with_sha256}
            self.assertEqual(published, set(keys))
        with proving(self, "long-lived token"):
            token = sdk.user.get_token_blocking(user.id, "interop", token_validity=3600)
        with proving(self, "log in with the token", "with the key pair of the first log-in"):
            again = people.Strategies(may_make_a_key=False)
            sdk = people.with_token(self.login, token, storage, again)
            self.assertEqual(sdk.user.get_current_user_blocking().id, user.id)
            self.assertEqual(set(sdk.crypto.current_data_owner_keys_blocking()[user.patient_id]), set(keys))
            self.assertEqual(again.asked_for_a_key, 0)

    def test_log_in_by_sms(self):
        phone = f"+3247{uuid.uuid4().int % 10**7:07}"
        with proving(self, "log in with login and OTP by SMS"):
            code = target.code_for(target.PATIENT_BY_SMS, phone, self.doctor_id)
            sdk = people.with_code(phone, code, people.storage(), people.Strategies())
            self.assertEqual(sdk.user.get_current_user_blocking().mobile_phone, phone)

    def test_a_wrong_password_is_refused(self):
        with proving(self, "a wrong password is refused"):
            with self.assertRaises(Exception):
                people.with_code(self.login, "000000", people.storage(), people.Strategies())

    def test_refresh_an_expired_jwt(self):
        sdk, _ = self.patient()
        current = f"{target.API}/rest/v2/user/current"
        with proving(self, "refresh an expired JWT"):
            first = AuthApi(sdk).get_bearer_token_blocking()
            status, _ = target.request("GET", current, headers={"Authorization": f"Bearer {first}"})
            self.assertEqual(status, 200)
            time.sleep(3)
            status, _ = target.request("GET", current, headers={"Authorization": f"Bearer {first}"})
            self.assertEqual(status, 401, "the JWT is still valid")
            self.assertTrue(sdk.user.get_current_user_blocking().id)
            self.assertNotEqual(AuthApi(sdk).get_bearer_token_blocking(), first)

    def test_write_read_and_share(self):
        sdk, patient = self.patient()
        with proving(self, "initialise exchange keys", "exchange data, and the secret id of the patient"):
            own = patient.security_metadata.secure_delegations
            self.assertEqual([delegation.permissions for delegation in own.values()], [AccessLevel.Write])
            self.assertTrue(sdk.patient.get_secret_ids_of_blocking(patient))
        with proving(self, "create an encrypted entity", "a contact with a service"):
            contact = people.note("Hello world")
            contact.descr = "a secret title"
            contact = sdk.contact.with_encryption_metadata_blocking(contact, patient)
            stored = sdk.contact.create_contact_blocking(contact)
            as_stored = sdk.contact.encrypted.get_contact_blocking(stored.id)
            self.assertIsNone(as_stored.descr)
            self.assertFalse(as_stored.services[0].content)
            self.assertTrue(as_stored.services[0].encrypted_self)
        with proving(self, "read it back and decrypt"):
            found = sdk.contact.get_contact_blocking(stored.id)
            self.assertEqual((found.descr, people.text_of(found)), ("a secret title", "Hello world"))
            service = sdk.contact.get_service_blocking(stored.services[0].id)
            self.assertEqual(service.content["en"].string_value, "Hello world")
            self.assertEqual([tag.code for tag in service.tags], ["TEST"])
        with proving(self, "not shared, not read"):
            with self.assertRaises(Exception) as refusal:
                self.doctor.contact.get_contact_blocking(stored.id)
            self.assertIn("403", str(refusal.exception))
        with proving(self, "share with the responsible"):
            shared = sdk.contact.share_with_blocking(self.doctor_id, found)
            self.assertEqual(len(shared.security_metadata.secure_delegations), 2)
        with proving(self, "read by the responsible"):
            read = self.doctor.contact.get_contact_blocking(stored.id)
            self.assertEqual((read.descr, people.text_of(read)), ("a secret title", "Hello world"))

    def test_share_when_it_is_written(self):
        sdk, stored = self.written("at once", delegates={self.doctor_id: AccessLevel.Read})
        with proving(self, "shared at creation, read by the responsible"):
            read = self.doctor.contact.get_contact_blocking(stored.id)
            self.assertEqual(people.text_of(read), "at once")
        with proving(self, "shared to read, not to write"):
            read.services[0].content = {"en": DecryptedContent(string_value="changed by the reader")}
            with self.assertRaises(Exception) as refusal:
                self.doctor.contact.modify_contact_blocking(read)
            self.assertIn("403", str(refusal.exception))
            self.assertEqual(people.text_of(sdk.contact.get_contact_blocking(stored.id)), "at once")

    def test_the_responsible_changes_what_is_shared(self):
        sdk, stored = self.written("first", delegates={self.doctor_id: AccessLevel.Write})
        with proving(self, "changed by the responsible"):
            read = self.doctor.contact.get_contact_blocking(stored.id)
            read.services[0].content = {"en": DecryptedContent(string_value="second")}
            self.doctor.contact.modify_contact_blocking(read)
            self.assertEqual(people.text_of(sdk.contact.get_contact_blocking(stored.id)), "second")

    def test_a_stale_revision_is_refused(self):
        sdk, stored = self.written("first")
        with proving(self, "stale revision refused"):
            stored.services[0].content = {"en": DecryptedContent(string_value="second")}
            changed = sdk.contact.modify_contact_blocking(stored)
            self.assertNotEqual(changed.rev, stored.rev)
            with self.assertRaises(Exception) as refusal:
                sdk.contact.modify_contact_blocking(stored)
            self.assertIn("Conflict", type(refusal.exception).__name__ + str(refusal.exception))
            self.assertEqual(people.text_of(sdk.contact.get_contact_blocking(stored.id)), "second")

    def test_what_the_package_does_not_offer(self):
        offered = " ".join(name.lower() for name in [*dir(cardinal_sdk), *dir(cardinal_sdk.CardinalSdk), *dir(AuthApi)])
        self.assertIn("get_bearer_token", offered)
        for operation, word, note in [
            ("start an authentication process", "process", "the process is started by the test"),
            ("captcha: recaptcha", "captcha", None),
            ("captcha: friendly-captcha", "captcha", None),
            ("log out", "logout", None),
        ]:
            self.assertNotIn(word, offered)
            not_offered(self, operation, note or f"nothing named `{word}` in the package")


if __name__ == "__main__":
    unittest.main()
