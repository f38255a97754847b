"""An unmodified Confluent client against a real registry.

    python tests/clients/confluent.py target/debug/stele-registry

Ends with one line, `N passed, N failed`, and with 1 where something failed or nothing ran.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

from confluent_kafka.schema_registry import (
    Metadata,
    MetadataProperties,
    Rule,
    RuleKind,
    RuleMode,
    RuleParams,
    RuleSet,
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    ServerConfig,
    ConfigCompatibilityLevel,
)
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.serialization import MessageField, SerializationContext, SerializationError

BINARY = "target/debug/stele-registry"

V1 = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "OrderPlaced",
    "type": "object",
    "required": ["orderId", "total"],
    "properties": {
        "orderId": {"type": "string"},
        "total": {"type": "string", "pattern": "^[0-9]+[.][0-9]{2}$"},
    },
}
ADDED = {**V1, "properties": {**V1["properties"], "giftMessage": {"type": "string"}}}
BROKEN = {**V1, "properties": {**V1["properties"], "orderId": {"type": "integer"}}}


def schema(document, references=()):
    return Schema(json.dumps(document), "JSON", list(references))


class Registry:
    """A registry as a process of its own, on a free port and in a folder that is gone afterwards."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("STELE_")}
        self.process = subprocess.Popen(
            [BINARY, "--listen", "127.0.0.1:0", "--data", self.folder.name],
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        self.url = self.process.stdout.readline().split()[-1]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=5)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.folder.cleanup()
        if code != 0:
            raise AssertionError(f"the registry ended with {code}")


class Case(unittest.TestCase):
    def setUp(self):
        self.registry = Registry()
        self.addCleanup(self.registry.stop)
        self.client = self.new_client()

    def new_client(self):
        """A client with empty caches: what it knows, it has from the registry."""
        client = SchemaRegistryClient({"url": self.registry.url})
        self.addCleanup(client.close)
        return client

    def refused(self, status, code, call, *arguments, **named):
        with self.assertRaises(SchemaRegistryError) as caught:
            call(*arguments, **named)
        self.assertEqual((caught.exception.http_status_code, caught.exception.error_code), (status, code))
        return caught.exception.error_message


class Schemas(Case):
    def test_a_schema_is_registered_and_found_again(self):
        number = self.client.register_schema("orders-value", schema(V1))

        other = self.new_client()
        found = other.lookup_schema("orders-value", schema(V1))
        by_id = self.new_client().get_schema(number)
        self.assertEqual((found.schema_id, found.subject, found.version), (number, "orders-value", 1))
        self.assertEqual(json.loads(by_id.schema_str), V1)
        self.assertEqual(by_id.schema_type, "JSON")

    def test_the_same_schema_twice_is_one_version(self):
        first = self.client.register_schema("orders-value", schema(V1))
        second = self.new_client().register_schema("orders-value", schema(V1))

        self.assertEqual(first, second)
        self.assertEqual(self.client.get_versions("orders-value"), [1])

    def test_a_full_response_says_subject_version_and_id(self):
        registered = self.client.register_schema_full_response("orders-value", schema(V1))

        again = self.new_client().register_schema_full_response("orders-value", schema(V1))
        self.assertEqual(registered.schema_id, again.schema_id)
        self.assertIsNotNone(registered.guid)
        self.assertEqual(registered.guid, again.guid)

    def test_versions_are_listed_and_read_one_by_one(self):
        first = self.client.register_schema("orders-value", schema(V1))
        second = self.client.register_schema("orders-value", schema(ADDED))

        reader = self.new_client()
        self.assertEqual(reader.get_subjects(), ["orders-value"])
        self.assertEqual(reader.get_versions("orders-value"), [1, 2])
        one = reader.get_version("orders-value", 1)
        latest = reader.get_latest_version("orders-value")
        self.assertEqual((one.version, one.schema_id), (1, first))
        self.assertEqual((latest.version, latest.schema_id), (2, second))
        self.assertEqual(json.loads(latest.schema.schema_str), ADDED)
        self.assertEqual(reader.get_version("orders-value", "latest").version, 2)

    def test_the_same_schema_in_two_subjects_has_one_id(self):
        one = self.client.register_schema("a", schema(V1))
        two = self.client.register_schema("b", schema(V1))

        self.assertEqual(one, two)
        places = self.client.get_schema_versions(one)
        self.assertEqual(sorted((place.subject, place.version) for place in places), [("a", 1), ("b", 1)])
        self.assertEqual(sorted(self.client.get_subjects_by_schema_id(one)), ["a", "b"])

    def test_a_subject_with_a_slash_and_one_in_a_context_are_subjects(self):
        for name in ["orders/placed value", ":.sales:OrderPlaced"]:
            self.client.register_schema(name, schema(V1))

            self.assertEqual(self.new_client().get_latest_version(name).version, 1)
            self.assertIn(name, self.client.get_subjects())

    def test_the_formats_served_are_told(self):
        self.assertIn("JSON", self.client.get_schema_types())

    def test_what_is_not_there_is_said_in_the_right_code(self):
        self.refused(404, 40401, self.client.get_latest_version, "missing")
        self.refused(404, 40401, self.client.get_versions, "missing")
        self.refused(404, 40401, self.client.lookup_schema, "missing", schema(V1))
        self.client.register_schema("orders-value", schema(V1))
        self.refused(404, 40402, self.client.get_version, "orders-value", 7)
        self.refused(404, 40403, self.client.lookup_schema, "orders-value", schema(ADDED))
        self.refused(404, 40403, self.client.get_schema, 77)

    def test_what_is_no_schema_is_refused(self):
        self.refused(422, 42201, self.client.register_schema, "a", Schema('{"type": "strin"}', "JSON"))
        self.refused(422, 42201, self.client.register_schema, "a", Schema("{", "JSON"))

        self.assertEqual(self.client.get_subjects(), [])


class Compatibility(Case):
    def setUp(self):
        super().setUp()
        self.client.register_schema("orders-value", schema(V1))

    def test_an_addition_is_compatible(self):
        self.assertTrue(self.client.test_compatibility("orders-value", schema(ADDED)))
        self.assertTrue(self.client.test_compatibility("orders-value", schema(ADDED), version=1))
        self.assertTrue(self.client.test_compatibility_all_versions("orders-value", schema(ADDED)))

    def test_another_type_is_not(self):
        self.assertFalse(self.client.test_compatibility("orders-value", schema(BROKEN)))
        self.assertFalse(self.client.test_compatibility("orders-value", schema(BROKEN), version=1))
        self.assertFalse(self.client.test_compatibility_all_versions("orders-value", schema(BROKEN)))

    def test_an_incompatible_schema_is_refused_and_leaves_no_trace(self):
        message = self.refused(409, 40901, self.client.register_schema, "orders-value", schema(BROKEN))

        self.assertIn("/properties/orderId", message)
        self.assertEqual(self.new_client().get_versions("orders-value"), [1])
        self.refused(404, 40403, self.client.lookup_schema, "orders-value", schema(BROKEN))

    def test_a_level_is_set_and_read(self):
        self.assertEqual(self.client.get_compatibility(), "FULL_TRANSITIVE")
        for level in ["BACKWARD", "FORWARD_TRANSITIVE", "FULL", "NONE"]:
            self.client.set_compatibility("orders-value", level)
            self.assertEqual(self.new_client().get_compatibility("orders-value"), level)
        self.client.set_compatibility(level="BACKWARD")
        self.assertEqual(self.new_client().get_compatibility(), "BACKWARD")
        self.assertEqual(self.new_client().get_compatibility("orders-value"), "NONE")

    def test_a_configuration_is_set_and_read(self):
        wanted = ServerConfig(compatibility=ConfigCompatibilityLevel.BACKWARD_TRANSITIVE)
        self.client.set_config("orders-value", wanted)

        found = self.new_client().get_config("orders-value")
        self.assertEqual(found.compatibility_level, ConfigCompatibilityLevel.BACKWARD_TRANSITIVE)
        usual = self.client.get_config()
        self.assertEqual(usual.compatibility_level, ConfigCompatibilityLevel.FULL_TRANSITIVE)

    def test_the_level_set_is_the_level_that_judges(self):
        self.client.set_compatibility("orders-value", "NONE")

        self.assertTrue(self.client.test_compatibility("orders-value", schema(BROKEN)))
        self.client.register_schema("orders-value", schema(BROKEN))
        self.assertEqual(self.client.get_versions("orders-value"), [1, 2])

    def test_a_level_that_nobody_knows_is_refused(self):
        self.refused(422, 42203, self.client.set_compatibility, "orders-value", "SIDEWARD")

    def test_a_subject_without_a_level_of_its_own_has_none(self):
        self.refused(404, 40408, self.client.get_compatibility, "orders-value")


class References(Case):
    ADDRESS = {"$id": "https://example.com/address.json", "type": "object", "required": ["city"],
               "properties": {"city": {"type": "string"}}}
    ORDER = {"type": "object", "required": ["to"],
             "properties": {"to": {"$ref": "https://example.com/address.json"}}}

    def setUp(self):
        super().setUp()
        self.client.register_schema("Address", schema(self.ADDRESS))
        self.reference = SchemaReference("https://example.com/address.json", "Address", 1)

    def test_a_schema_refers_to_a_registered_one(self):
        number = self.client.register_schema("orders-value", schema(self.ORDER, [self.reference]))

        found = self.new_client().get_schema(number)
        latest = self.new_client().get_latest_version("orders-value").schema
        for one in [found, latest]:
            named = [(each.name, each.subject, each.version) for each in one.references]
            self.assertEqual(named, [("https://example.com/address.json", "Address", 1)])
        self.assertEqual(self.client.get_referenced_by("Address", 1), [number])
        looked_up = self.new_client().lookup_schema("orders-value", schema(self.ORDER, [self.reference]))
        self.assertEqual(looked_up.schema_id, number)

    def test_an_event_is_held_against_the_schema_referred_to(self):
        context = SerializationContext("orders", MessageField.VALUE)
        wanted = schema(self.ORDER, [self.reference])
        write = JSONSerializer(wanted, self.client)

        message = write({"to": {"city": "Berlin"}}, context)

        read = JSONDeserializer(None, schema_registry_client=self.new_client())
        self.assertEqual(read(message, context), {"to": {"city": "Berlin"}})
        with self.assertRaises(SerializationError):
            write({"to": {"city": 7}}, context)

    def test_a_reference_that_leads_nowhere_is_refused(self):
        missing = SchemaReference("https://example.com/missing.json", "Missing", 1)
        lost = {"$ref": "https://example.com/missing.json"}

        with self.assertRaises(SchemaRegistryError) as caught:
            self.client.register_schema("orders-value", schema(lost, [missing]))
        self.assertIn(caught.exception.http_status_code, (404, 422))
        self.refused(422, 42201, self.client.register_schema, "orders-value", schema(lost))
        self.assertEqual(self.client.get_subjects(), ["Address"])


class Events(Case):
    EVENT = {"orderId": "5b3f", "total": "52.30"}

    def setUp(self):
        super().setUp()
        self.context = SerializationContext("orders", MessageField.VALUE)

    def test_an_event_is_framed_with_the_id_of_its_schema(self):
        message = JSONSerializer(json.dumps(V1), self.client)(self.EVENT, self.context)

        number = self.new_client().get_latest_version("orders-value").schema_id
        self.assertEqual(message[:5], b"\x00" + number.to_bytes(4, "big"))
        self.assertEqual(json.loads(message[5:]), self.EVENT)

    def test_an_event_comes_back_as_it_was(self):
        message = JSONSerializer(json.dumps(V1), self.client)(self.EVENT, self.context)

        read = JSONDeserializer(None, schema_registry_client=self.new_client())
        self.assertEqual(read(message, self.context), self.EVENT)
        self.assertEqual(JSONDeserializer(json.dumps(V1))(message, self.context), self.EVENT)

    def test_an_event_that_is_not_valid_is_not_sent(self):
        write = JSONSerializer(json.dumps(V1), self.client)

        with self.assertRaises(SerializationError):
            write({"orderId": 7, "total": "52.30"}, self.context)

    def test_a_producer_that_registers_nothing_uses_the_latest(self):
        self.client.register_schema("orders-value", schema(V1))
        self.client.register_schema("orders-value", schema(ADDED))
        settings = {"auto.register.schemas": False, "use.latest.version": True}

        message = JSONSerializer(json.dumps(V1), self.new_client(), conf=settings)(self.EVENT, self.context)

        latest = self.client.get_latest_version("orders-value")
        self.assertEqual(int.from_bytes(message[1:5], "big"), latest.schema_id)
        self.assertEqual(self.client.get_versions("orders-value"), [1, 2])

    def test_a_producer_with_a_breaking_schema_is_stopped(self):
        self.client.register_schema("orders-value", schema(V1))
        write = JSONSerializer(json.dumps(BROKEN), self.new_client())

        self.refused(409, 40901, write, {"orderId": 7, "total": "52.30"}, self.context)

    def test_an_old_event_is_read_after_the_schema_has_grown(self):
        message = JSONSerializer(json.dumps(V1), self.client)(self.EVENT, self.context)
        self.client.register_schema("orders-value", schema(ADDED))

        read = JSONDeserializer(json.dumps(ADDED), schema_registry_client=self.new_client())
        self.assertEqual(read(message, self.context), self.EVENT)


class Deleting(Case):
    def setUp(self):
        super().setUp()
        self.first = self.client.register_schema("orders-value", schema(V1))
        self.client.register_schema("orders-value", schema(ADDED))

    def test_a_version_is_hidden_and_then_gone(self):
        self.assertEqual(self.client.delete_version("orders-value", 1), 1)

        reader = self.new_client()
        self.assertEqual(reader.get_versions("orders-value"), [2])
        self.assertEqual(reader.get_versions("orders-value", deleted=True), [1, 2])
        self.assertEqual(reader.get_version("orders-value", 1, deleted=True).version, 1)
        self.assertEqual(json.loads(reader.get_schema(self.first).schema_str), V1)
        self.refused(404, 40402, self.new_client().get_version, "orders-value", 1)
        self.refused(404, 40406, reader.delete_version, "orders-value", 1)
        self.refused(404, 40407, reader.delete_version, "orders-value", 2, permanent=True)
        self.assertEqual(reader.delete_version("orders-value", 1, permanent=True), 1)
        self.refused(404, 40403, self.new_client().get_schema, self.first)

    def test_a_subject_is_hidden_and_then_gone(self):
        self.assertEqual(self.client.delete_subject("orders-value"), [1, 2])

        reader = self.new_client()
        self.assertEqual(reader.get_subjects(), [])
        self.assertEqual(reader.get_subjects(deleted=True), ["orders-value"])
        self.assertEqual(reader.lookup_schema("orders-value", schema(V1), deleted=True).version, 1)
        self.refused(404, 40404, reader.delete_subject, "orders-value")
        self.client.delete_subject("orders-value", permanent=True)
        self.assertEqual(self.new_client().get_subjects(deleted=True), [])

    def test_permanent_comes_after_soft(self):
        self.refused(404, 40405, self.client.delete_subject, "orders-value", permanent=True)

        self.assertEqual(self.new_client().get_versions("orders-value"), [1, 2])

    def test_a_schema_that_comes_back_has_its_id_and_a_new_version(self):
        second = self.client.get_latest_version("orders-value").schema_id
        self.client.delete_subject("orders-value")

        again = self.new_client().register_schema("orders-value", schema(ADDED))

        self.assertEqual(again, second)
        self.assertEqual(self.new_client().get_versions("orders-value"), [3])

    def test_what_is_referred_to_stays(self):
        reference = SchemaReference("orders.json", "orders-value", 2)
        self.client.register_schema("basket-value", schema({"$ref": "orders.json"}, [reference]))

        self.refused(422, 42206, self.client.delete_version, "orders-value", 2)
        self.refused(422, 42206, self.client.delete_subject, "orders-value")
        self.assertEqual(self.client.get_referenced_by("orders-value", 2), [3])

    def test_a_configuration_is_taken_back(self):
        self.client.set_compatibility("orders-value", "NONE")

        self.client.delete_config("orders-value")

        self.refused(404, 40408, self.new_client().get_compatibility, "orders-value")
        self.refused(404, 40401, self.client.delete_config, "orders-value")


class Modes(Case):
    def test_a_mode_is_set_shown_and_cleared(self):
        self.assertEqual(self.client.get_global_mode(), "READWRITE")
        self.refused(404, 40409, self.client.get_mode, "orders-value")

        self.assertEqual(self.client.update_mode("orders-value", "READONLY"), "READONLY")

        self.assertEqual(self.new_client().get_mode("orders-value"), "READONLY")
        self.refused(422, 42205, self.client.register_schema, "orders-value", schema(V1))
        self.assertEqual(self.client.delete_mode("orders-value"), "READONLY")
        self.client.register_schema("orders-value", schema(V1))

    def test_nothing_is_written_while_the_registry_is_read_only(self):
        number = self.client.register_schema("orders-value", schema(V1))
        self.client.update_global_mode("READONLY")

        self.refused(422, 42205, self.client.register_schema, "orders-value", schema(ADDED))
        self.refused(422, 42205, self.client.delete_subject, "orders-value")
        self.assertEqual(json.loads(self.new_client().get_schema(number).schema_str), V1)

    def test_import_wants_room(self):
        self.client.register_schema("orders-value", schema(V1))

        self.refused(422, 42205, self.client.update_mode, "orders-value", "IMPORT")
        self.assertEqual(self.client.update_mode("orders-value", "IMPORT", force=True), "IMPORT")
        self.refused(422, 42204, self.client.update_mode, "orders-value", "SOMETIMES")


class Beside(Case):
    """What is said beside a schema, and the ways to find one."""

    def test_metadata_and_rules_come_back(self):
        rule = Rule("mail", "checks the address", RuleKind.CONDITION, RuleMode.WRITE, "CEL", ["PII"],
                    RuleParams({"a": "b"}), "true", None, "DLQ", False)
        metadata = Metadata(None, MetadataProperties({"owner": "orders"}), None)
        wanted = Schema(json.dumps(V1), "JSON", [], metadata, RuleSet(None, [rule]))
        number = self.client.register_schema("orders-value", wanted)

        found = self.new_client().get_schema(number)
        self.assertEqual(found.metadata.properties.properties, {"owner": "orders"})
        kept = found.rule_set.domain_rules[0]
        self.assertEqual((kept.name, kept.kind, kept.mode, kept.type), ("mail", RuleKind.CONDITION, RuleMode.WRITE, "CEL"))
        self.assertEqual((kept.expr, kept.on_failure, kept.params.params), ("true", "DLQ", {"a": "b"}))
        latest = self.client.get_latest_with_metadata("orders-value", {"owner": "orders"})
        self.assertEqual(latest.version, 1)
        self.refused(404, 40403, self.client.get_latest_with_metadata, "orders-value", {"owner": "nobody"})

    def test_a_rule_that_no_client_could_run_is_refused(self):
        rule = Rule("mail", None, None, None, None, None, None, None, None, None, None)
        wanted = Schema(json.dumps(V1), "JSON", [], None, RuleSet(None, [rule]))

        self.refused(422, 42210, self.client.register_schema, "orders-value", wanted)

    def test_a_schema_is_found_by_its_guid(self):
        registered = self.client.register_schema_full_response("orders-value", schema(V1))

        found = self.new_client().get_schema_by_guid(registered.guid)
        self.assertEqual(json.loads(found.schema_str), V1)
        self.refused(404, 40403, self.client.get_schema_by_guid, "7e0d9f43-0000-4000-8000-000000000000")

    def test_contexts_are_listed_and_ids_are_theirs(self):
        one = self.client.register_schema(":.sales:orders-value", schema(V1))
        two = self.client.register_schema("orders-value", schema(ADDED))

        self.assertEqual((one, two), (1, 1))
        self.assertEqual(self.client.get_contexts(), [".", ".sales"])
        self.assertEqual(self.client.get_contexts(offset=1, limit=1), [".sales"])
        found = self.new_client().get_schema(one, subject_name=":.sales:orders-value")
        self.assertEqual(json.loads(found.schema_str), V1)
        self.assertEqual(self.client.get_subjects(subject_prefix=":.sales:"), [":.sales:orders-value"])

    def test_a_client_whose_address_is_a_context_stays_in_it(self):
        client = SchemaRegistryClient({"url": f"{self.registry.url}/contexts/.sales"})
        self.addCleanup(client.close)

        number = client.register_schema("orders-value", schema(V1))

        self.assertEqual(client.get_subjects(), [":.sales:orders-value"])
        self.assertEqual(client.get_latest_version("orders-value").schema_id, number)
        self.assertEqual(self.client.get_subjects(), [":.sales:orders-value"])

    def test_associations_are_not_served(self):
        with self.assertRaises(SchemaRegistryError) as caught:
            self.client.get_associations_by_resource_name("orders", "-", "topic", ["value"])
        self.assertEqual(caught.exception.http_status_code, 404)


def main():
    global BINARY
    if len(sys.argv) > 1:
        BINARY = sys.argv[1]
    tests = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__])
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(tests)
    wrong = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    passed = max(0, result.testsRun - wrong - len(result.skipped) - len(result.expectedFailures))
    print(f"{passed} passed, {wrong} failed")
    return 0 if passed > 0 and wrong == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
