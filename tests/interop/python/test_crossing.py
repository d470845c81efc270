"""The package and `rehearse` on the same data, with the key pair of one person."""

import base64
import unittest
import uuid

import people  # Before the package: see there.
import target
from outcomes import proving
from rehearse import Home, telling

from cardinal_sdk.model import AccessLevel
from cardinal_sdk.storage import CustomStorageFacade


class Keys(CustomStorageFacade):
    """Storage of a device that has somebody's key pairs already."""

    def __init__(self, owner_id, pairs):
        self.items = {}
        for pair in pairs:
            private = base64.b64encode(bytes.fromhex(pair["privateKey"])).decode()
            name = f"org.taktik.icure.rsa.device.{owner_id}.{pair['publicKey'][-32:]}"
            self.items[name] = f'{{"privateKey":"{private}"}}'

    def get_item(self, key):
        return self.items.get(key)

    def set_item(self, key, value):
        self.items[key] = value

    def remove_item(self, key):
        self.items.pop(key, None)


class Crossing(unittest.TestCase):
    def test_read_what_rehearse_wrote(self):
        home, login = Home(), f"ada-{uuid.uuid4().hex[:8]}@example.org"
        doctor = f"doctor-{uuid.uuid4().hex[:8]}@example.org"
        told = home.play(lambda url: [
            {"register": {"email": doctor, "role": "practitioner", "save": "doctor"}, "as": "doctor"},
            {"register": {"email": login, "responsible": "{{ doctor.data_owner_id }}", "save": "ada"}},
            {"data_sample.create": {
                "content": {"en": {"stringValue": "written by rehearse"}},
                "labels": [{"type": "IC-TEST", "code": "TEST"}],
            }, "as": "sample"},
            telling(url, sample="{{ sample.id }}", contact="{{ sample.batch_id }}"),
        ])[0]
        with proving(self, "key pair moved from rehearse", "from `rehearse vault export` into the package's storage"):
            ada = self.as_saved(home.export("ada"))
        with proving(self, "read what rehearse wrote"):
            contact = ada.contact.get_contact_blocking(told["contact"])
            self.assertEqual(people.text_of(contact), "written by rehearse")
            service = ada.contact.get_service_blocking(told["sample"])
            self.assertEqual(service.content["en"].string_value, "written by rehearse")
            self.assertEqual([tag.code for tag in service.tags], ["TEST"])
        with proving(self, "read by the responsible what rehearse wrote"):
            doctor = self.as_saved(home.export("doctor"))
            contact = doctor.contact.get_contact_blocking(told["contact"])
            self.assertEqual(people.text_of(contact), "written by rehearse")

    def test_written_by_it_read_by_rehearse(self):
        doctor, doctor_saved = self.account(target.HCP_BY_EMAIL, "doctor")
        ada, ada_saved = self.account(target.PATIENT_BY_EMAIL, "ada")
        patient = ada.patient.ensure_encryption_metadata_for_self_is_initialized_blocking()
        note = people.note("written by Cardinal")
        note.services[0].comment = "a secret comment"
        note = ada.contact.with_encryption_metadata_blocking(
            note, patient, delegates={doctor_saved["dataOwnerId"]: AccessLevel.Write}
        )
        stored = ada.contact.create_contact_blocking(note)
        self.assertIsNone(ada.contact.encrypted.get_contact_blocking(stored.id).services[0].comment)
        home = Home()
        with proving(self, "key pair moved to rehearse", "from the package's own keys into `rehearse vault import`"):
            home.take([ada_saved, doctor_saved])
            self.assertEqual(home.export("ada")["keyPairs"][0]["privateKey"], ada_saved["keyPair"]["privateKey"])
        read = lambda name: home.play(lambda url: [
            {"reinstantiate": {"from": name}},
            {"data_sample.get": {"id": stored.services[0].id}, "as": "found"},
            telling(url, text="{{ found.content.en.stringValue }}", comment="{{ found.comment }}",
                    label="{{ found.labels[0].code }}", contact="{{ found.batch_id }}"),
        ])
        expected = {"text": "written by Cardinal", "comment": "a secret comment", "label": "TEST", "contact": stored.id}
        with proving(self, "written by it, read by rehearse"):
            self.assertEqual(read("ada"), [expected])
        with proving(self, "written by it, read by rehearse as the responsible"):
            self.assertEqual(read("doctor"), [expected])

    def account(self, process, name):
        """Somebody with the package, and what a vault takes of them."""
        login = f"{name}-{uuid.uuid4().hex[:8]}@example.org"
        sdk = people.with_code(login, target.code_for(process, login), people.storage(), people.Strategies())
        user = sdk.user.get_current_user_blocking()
        owner = sdk.data_owner.get_current_data_owner_id_blocking()
        (private,) = sdk.crypto.current_data_owner_keys_blocking()[owner].values()
        return sdk, {
            "name": name,
            "login": login,
            "token": sdk.user.get_token_blocking(user.id, "crossing", token_validity=3600),
            "userId": user.id,
            "dataOwnerId": owner,
            "keyPair": {"privateKey": base64.b64decode(private).hex()},
        }

    def as_saved(self, saved):
        """The package with what a vault held; it must not ask for another key."""
        strategies = people.Strategies(may_make_a_key=False)
        storage = Keys(saved["dataOwnerId"], saved["keyPairs"])
        sdk = people.with_token(saved["login"], saved["token"], storage, strategies)
        keys = sdk.crypto.current_data_owner_keys_blocking()[saved["dataOwnerId"]]
        self.assertEqual(set(keys), {pair["publicKey"][-32:] for pair in saved["keyPairs"]})
        return sdk


if __name__ == "__main__":
    unittest.main()
