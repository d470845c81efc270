"""What is written is told over the socket: one session listens, another writes."""

import contextlib
import datetime
import unittest
import uuid

import people  # Before the package: see there.
import target
from outcomes import proving

from cardinal_sdk.filters import HealthElementFilters, ServiceFilters
from cardinal_sdk.model import AccessLevel, CodeStub, DecryptedHealthElement, SubscriptionEventType
from cardinal_sdk.subscription import EntitySubscriptionEvent

LABEL = CodeStub(id="IC-TEST|EVENT|1", type="IC-TEST", code="EVENT", version="1")
WAIT = datetime.timedelta(seconds=5)


class Events(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        suffix = uuid.uuid4().hex[:8]
        # Over the socket the package sends no keys of delegations without names: who has only
        # those is told nothing.
        log_in = lambda process, login: people.with_code(
            login, target.code_for(process, login), people.storage(), people.Strategies(named=True)
        )
        cls.doctor = log_in(target.HCP_BY_EMAIL, f"doctor-{suffix}@example.org")
        cls.doctor_id = cls.doctor.data_owner.get_current_data_owner_id_blocking()
        cls.ada = log_in(target.PATIENT_BY_EMAIL, f"ada-{suffix}@example.org")
        cls.own = cls.ada.patient.ensure_encryption_metadata_for_self_is_initialized_blocking()

    def sealed(self, api, draft):
        return api.with_encryption_metadata_blocking(draft, self.own, delegates={self.doctor_id: AccessLevel.Write})

    def told(self, subscription, write):
        """What was written, and what the subscription told of it. Some connections the package
        gives up after the handshake, and makes others: who writes meanwhile writes once more."""
        for _ in range(4):
            written = write()
            while event := subscription.wait_for_event_blocking(WAIT):
                if event.type == EntitySubscriptionEvent.Type.EntityNotification:
                    return written, event.entity
        self.fail("no event came")

    def health_elements(self, sdk):
        api, writer = sdk.health_element, self.ada.health_element

        def create():
            draft = DecryptedHealthElement(id=str(uuid.uuid4()), descr="a fear of snakes", tags=[LABEL])
            return writer.create_health_element_blocking(self.sealed(writer, draft))

        def change():
            now = writer.get_health_element_blocking(stored.id)
            now.descr = "a fear of spiders"
            return writer.modify_health_element_blocking(now)

        kinds = {SubscriptionEventType.Create, SubscriptionEventType.Update}
        of_label = HealthElementFilters.by_tag_for_self("IC-TEST", "EVENT")
        with contextlib.closing(api.subscribe_to_events_blocking(kinds, of_label)) as subscription:
            with proving(self, "event: health element created"):
                stored, told = self.told(subscription, create)
                self.assertEqual(told.id, stored.id)
                self.assertEqual([one.descr for one in api.decrypt_blocking([told])], ["a fear of snakes"])
            with proving(self, "event: health element changed"):
                _, told = self.told(subscription, change)
                self.assertEqual([one.descr for one in api.decrypt_blocking([told])], ["a fear of spiders"])

    def data_samples(self, sdk):
        api, writer = sdk.contact, self.ada.contact

        def create():
            writer.create_contact_blocking(self.sealed(writer, people.note("of another label")))
            draft = people.note("told at once")
            draft.services[0].tags = [LABEL]
            return writer.create_contact_blocking(self.sealed(writer, draft))

        of_label = ServiceFilters.by_tag_and_value_date_for_self("IC-TEST", "EVENT")
        subscription = api.subscribe_to_service_create_or_update_events_blocking(of_label)
        with contextlib.closing(subscription):
            with proving(self, "event: data sample created", "and no other than those of the label"):
                stored, told = self.told(subscription, create)
                self.assertEqual(told.id, stored.services[0].id)
                self.assertEqual(api.decrypt_service_blocking(told).content["en"].string_value, "told at once")

    def test_health_elements_as_the_patient(self):
        self.health_elements(self.ada)

    def test_health_elements_as_the_practitioner(self):
        self.health_elements(self.doctor)

    def test_data_samples_as_the_patient(self):
        self.data_samples(self.ada)

    def test_data_samples_as_the_practitioner(self):
        self.data_samples(self.doctor)


if __name__ == "__main__":
    unittest.main()
