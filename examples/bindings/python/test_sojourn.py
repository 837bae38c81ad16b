#!/usr/bin/env python3
"""Tests of the Python binding: test_sojourn.py, or with --tap in the protocol that counts every case.

Figures are worked by hand: ann looks, adds and buys within ten minutes, bob looks and adds, cem only looks."""
import array
import datetime
import gc
import sys
import unittest

import sojourn

try:
    import numpy
except ImportError:
    numpy = None

MINUTE = 60 * 1000 * 1000
CUSTOMERS = ["ann", "bob", "ann", "cem", "bob", "ann"]
TOUCHPOINTS = ["view", "view", "cart", "view", "cart", "buy"]
TIMES = [0, 1 * MINUTE, 2 * MINUTE, 3 * MINUTE, 5 * MINUTE, 9 * MINUTE]
VALUES = [None, None, None, None, None, 49.9]
STEPS = ["view", "cart", "buy"]
MAP = """stage looking: view
stage buying: cart, buy
channel web: view, cart, buy
micro-conversion sale = touchpoint = 'buy' worth value
expect looking -> buying
"""


def make_graph(customer=CUSTOMERS, touchpoint=TOUCHPOINTS, time=TIMES, value=VALUES, **options):
    builder = sojourn.Builder(**options)
    builder.add_map(MAP)
    builder.add_events(customer=customer, touchpoint=touchpoint, time=time, value=value)
    return builder.build()


class Catalog(unittest.TestCase):
    def test_analyses_are_listed(self):
        names = [row["name"] for row in sojourn.catalog("analyses")]
        self.assertIn("summary", names)
        self.assertIn("funnel", names)

    def test_every_options_struct_can_be_filled_with_nothing(self):
        for row in sojourn.catalog("analyses"):
            if row["options"]:
                self.assertGreater(sojourn._Struct(row["options"], {}).size, 0)

    def test_every_catalog_that_is_listed_is_there(self):
        for row in sojourn.catalog("catalogs"):
            self.assertTrue(sojourn.catalog(row["name"]), row["name"])

    def test_an_unknown_catalog_is_an_error_with_a_code(self):
        with self.assertRaises(sojourn.SojournError) as caught:
            sojourn.catalog("nonsense")
        self.assertEqual(caught.exception.name, "SJ_ERR_NAME")
        self.assertEqual(caught.exception.code, sojourn.constants()["SJ_ERR_NAME"])

    def test_the_version_has_three_numbers(self):
        self.assertEqual(len(sojourn.version().split(".")), 3)


class Graphs(unittest.TestCase):
    def test_counts_and_names(self):
        graph = make_graph()
        self.assertEqual(graph.count("events"), 6)
        self.assertEqual(sorted(graph.names("customers")), ["ann", "bob", "cem"])
        self.assertEqual(graph.names("touchpoints"), ["view", "cart", "buy"])
        self.assertEqual(graph.names("stages"), ["looking", "buying"])
        self.assertEqual(graph.names("micro_conversions"), ["sale"])
        self.assertEqual((graph.stage("cart"), graph.channel("cart")), ("buying", "web"))
        self.assertIsNone(graph.find("touchpoints", "refund"))
        graph.check()

    def test_transitions_are_walked(self):
        graph = make_graph()
        self.assertEqual(graph.transition("view", "cart"), ("view", "cart", 2, 3.0 * MINUTE, True, 0.0))
        walked = [(e.source, e.target, e.count) for e in graph.transitions() if e.count]
        self.assertEqual(walked, [("view", "cart", 2), ("cart", "buy", 1)])
        self.assertIsNone(graph.transition("buy", "view"))

    def test_a_journey_is_read(self):
        self.assertEqual(make_graph().journey("ann"), [(0, "view", "web", None), (2 * MINUTE, "cart", "web", None),
                                                       (9 * MINUTE, "buy", "web", 49.9)])

    def test_select_by_condition_and_by_key(self):
        graph = make_graph()
        self.assertEqual(sorted(graph.select(customers="cart").names("customers")), ["ann", "bob"])
        self.assertEqual(graph.select(exclude=["ann"]).count("events"), 3)
        self.assertEqual(graph.select(include=["cem"]).names("customers"), ["cem"])

    def test_a_graph_can_be_added_to_a_builder(self):
        builder = sojourn.Builder()
        builder.add_graph(make_graph())
        builder.add_events(customer=["dee"], touchpoint=["view"], time=[0])
        self.assertEqual(builder.build().count("customers"), 4)

    def test_times_may_be_datetimes(self):
        start = datetime.datetime(2026, 2, 5, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
        builder = sojourn.Builder(observed_until=start + datetime.timedelta(days=1))
        builder.add_events(customer=["ann"], touchpoint=["view"], time=[start])
        self.assertEqual(builder.build().journey("ann")[0].time, 1770249600 * 10**6)

    def test_attributes_are_columns_by_name(self):
        builder = sojourn.Builder()
        builder.add_attribute("device")
        builder.add_attribute("load", type="real")
        builder.add_events(customer=["ann", "bob"], touchpoint=["view", "view"], time=[0, 1],
                           attributes={"device": ["phone", None], "load": [0.5, 2.5]})
        graph = builder.build()
        self.assertEqual(graph.select(customers="device = 'phone'").names("customers"), ["ann"])
        self.assertEqual(graph.select(customers="load > 1").names("customers"), ["bob"])

    def test_csv_is_read_from_bytes(self):
        builder = sojourn.Builder()
        report = builder.add_csv(bytes=b"who,when,what\nann,1,view\nbob,x,view\n", customer="who", time="when",
                                 touchpoint="what", on_error="skip")
        self.assertEqual(report["rows"]["added"], [1])
        self.assertEqual(builder.build().names("customers"), ["ann"])

    def test_a_bad_row_is_named_by_its_line(self):
        with self.assertRaises(sojourn.SojournError) as caught:
            sojourn.Builder().add_csv(bytes=b"who,when,what\nann,1,view\nbob,x,view\n", customer="who", time="when",
                                      touchpoint="what")
        self.assertEqual(caught.exception.line, 3)
        self.assertGreater(caught.exception.column, 0)

    def test_a_bad_event_is_named_by_its_row_and_adds_none(self):
        builder = sojourn.Builder()
        with self.assertRaises(sojourn.SojournError) as caught:
            builder.add_events(customer=["ann", "", "cem"], touchpoint=["view"] * 3, time=[0, 1, 2])
        self.assertEqual(caught.exception.index, 1)
        self.assertEqual(builder.build().count("events"), 0)

    def test_columns_of_unequal_length_are_refused(self):
        with self.assertRaises(ValueError):
            sojourn.Builder().add_events(customer=["ann"], touchpoint=["view", "cart"], time=[0, 1])


class Columns(unittest.TestCase):
    def test_numbers_stand_for_keys_and_for_declared_touchpoints(self):
        builder = sojourn.Builder()
        builder.add_touchpoint("view")
        builder.add_touchpoint("cart")
        builder.add_events(customer=array.array("q", [42, 7]), touchpoint=array.array("B", [1, 0]),
                           time=array.array("q", [5, 6]))
        graph = builder.build()
        self.assertEqual(graph.journey("42"), [(5, "cart", None, None)])

    def test_numeric_arrays_are_not_copied(self):
        times = array.array("q", [1, 2, 3])
        column, n = sojourn._column(times)
        row = sojourn._fields("sj_column")["data"]
        address = int.from_bytes(column.bytes[row["offset"]:row["offset"] + row["size"]], sys.byteorder)
        self.assertEqual((address, n), (times.buffer_info()[0], 3))

    def test_names_need_not_be_ascii(self):
        builder = sojourn.Builder()
        builder.add_events(customer=["Zoë", "李"], touchpoint=["größe", "größe"], time=[0, 0])
        graph = builder.build()
        self.assertEqual(sorted(graph.names("customers")), sorted(["Zoë", "李"]))
        self.assertEqual(graph.names("touchpoints"), ["größe"])

    def test_no_events_are_none(self):
        builder = sojourn.Builder()
        builder.add_events(customer=[], touchpoint=[], time=[])
        self.assertEqual(builder.build().count("events"), 0)


class Analyses(unittest.TestCase):
    def test_a_funnel(self):
        steps = make_graph().compute("funnel", steps=STEPS, window=datetime.timedelta(hours=1))["steps"]
        self.assertEqual(steps["name"], STEPS)
        self.assertEqual(steps["reached"], [3, 2, 1])
        self.assertEqual(steps["rate_previous"], [None, 2 / 3, 1 / 2])

    def test_options_are_choices_bits_times_and_structs(self):
        graph = make_graph()
        given = [{"condition": "view"}, {"condition": "cart"}, {"condition": "buy"}]
        result = graph.compute("funnel", steps=given, window=5 * MINUTE, order="sequential", reuse="no",
                               figures=["times", "reasons"], as_of=1000 * MINUTE, top=3)
        self.assertEqual(result["steps"]["reached"], [3, 2, 0])

    def test_a_list_has_a_row_per_customer(self):
        levels = make_graph().list("funnel", steps=STEPS)["levels"]
        found = {row["customer"]: row for row in levels.rows()}
        self.assertEqual({key: row["level"] for key, row in found.items()}, {"ann": 3, "bob": 2, "cem": 1})
        self.assertEqual(found["bob"]["times"], [1 * MINUTE, 5 * MINUTE, None])

    def test_matches_of_a_pattern(self):
        graph, conditions = make_graph(), ["view", "buy"]
        found = list(graph.list("match", pattern="(?1).*(?2)", conditions=conditions)["matches"].rows())
        self.assertEqual([(row["customer"], row["times"]) for row in found], [("ann", [0, 9 * MINUTE])])
        overall = graph.compute("match", pattern="(?1)", conditions=conditions, find="all")["overall"]
        self.assertEqual([overall["matches"], overall["customers"], overall["seen"]], [[3], [3], [3]])
        with self.assertRaises(sojourn.SojournError) as caught:
            graph.list("match", pattern="(?1)[3]", conditions=conditions)
        self.assertEqual((caught.exception.name, caught.exception.index), ("SJ_ERR_CONDITION", 5))

    def test_an_analysis_without_options(self):
        graph = make_graph()
        self.assertEqual(graph.compute("summary")["summary"]["customers"], [3])
        self.assertEqual(graph.list("summary", customers=["cem"])["events"]["touchpoint"], ["view"])
        with self.assertRaises(TypeError):
            graph.compute("summary", steps=STEPS)

    def test_results_write_themselves(self):
        result = make_graph().compute("funnel", steps=STEPS)
        self.assertIn('"reached":', result.write("json", "steps").replace('" :', '":'))
        self.assertTrue(result.write("csv").startswith("step,name,reached"))

    def test_results_outlive_everything_that_made_them(self):
        steps = make_graph().compute("funnel", steps=STEPS)["steps"]
        gc.collect()
        self.assertEqual(steps["reached"], [3, 2, 1])

    def test_what_cannot_be_an_option_is_refused_by_name(self):
        graph = make_graph()
        with self.assertRaisesRegex(TypeError, "no option 'windw'"):
            graph.compute("funnel", steps=STEPS, windw=1)
        with self.assertRaisesRegex(ValueError, "cannot be 'sideways'"):
            graph.compute("funnel", steps=STEPS, order="sideways")
        with self.assertRaisesRegex(ValueError, "no analysis 'tunnel'"):
            graph.compute("tunnel")

    def test_an_unknown_touchpoint_is_an_error(self):
        with self.assertRaises(sojourn.SojournError) as caught:
            make_graph().compute("funnel", steps=["view", "cartt"])
        self.assertIn("cart", str(caught.exception))

    def test_threads_change_no_answer(self):
        one = make_graph().compute("funnel", steps=STEPS).write("json", "steps")
        self.assertEqual(make_graph().compute("funnel", run={"threads": 2}, steps=STEPS).write("json", "steps"), one)

    def test_an_exception_in_progress_comes_out(self):
        def stop(done, total):
            raise KeyboardInterrupt
        n = 200000
        builder = sojourn.Builder()
        builder.add_events(customer=[str(i % 5000) for i in range(n)], touchpoint=["view"] * n, time=list(range(n)))
        with self.assertRaises(KeyboardInterrupt):
            graph = builder.build(run={"progress": stop})
            graph.compute("funnel", run={"progress": stop}, steps=["view", "view"])


class Tallies(unittest.TestCase):
    def tally(self, graph):
        plan = graph.plan("funnel", steps=STEPS, window=1000 * MINUTE)
        self.assertTrue(plan.text)
        return sojourn.scan([plan])[0]

    def test_shards_are_merged_and_a_customer_erased(self):
        ends = {"observed_from": 0, "observed_until": 100 * MINUTE}
        whole = self.tally(make_graph(**ends))
        graph = make_graph(**ends)
        ann, others = graph.select(include=["ann"]), graph.select(exclude=["ann"])
        tally = self.tally(ann)
        tally.merge(self.tally(others))
        self.assertEqual(tally.write(), whole.write())
        self.assertEqual(tally.customers, whole.customers)
        tally.subtract(self.tally(ann))
        self.assertEqual(tally.write(), self.tally(others).write())
        self.assertEqual(tally.conclude("funnel", steps=STEPS)["steps"]["reached"], [2, 1, 0])

    def test_a_tally_is_read_back(self):
        data = self.tally(make_graph()).write()
        again = sojourn.Tally.read(data)
        self.assertEqual(again.write(), data)
        with self.assertRaises(sojourn.SojournError):
            sojourn.Tally.read(data[:-1])

    def test_tallies_of_different_questions_do_not_merge(self):
        graph = make_graph()
        other = sojourn.scan([graph.plan("funnel", steps=STEPS[:2])])[0]
        with self.assertRaises(sojourn.SojournError) as caught:
            self.tally(graph).merge(other)
        self.assertEqual(caught.exception.name, "SJ_ERR_MISMATCH")

    def test_many_plans_in_one_pass(self):
        graph = make_graph()
        plans = [graph.plan("funnel", steps=STEPS[:k]) for k in (1, 2, 3)]
        tallies = sojourn.scan(plans)
        found = [t.conclude("funnel", steps=STEPS[:k + 1])["steps"]["reached"] for k, t in enumerate(tallies)]
        self.assertEqual(found, [[3], [3, 2], [3, 2, 1]])

    def test_a_baseline_is_a_tally(self):
        graph = make_graph()
        baseline = self.tally(graph.select(exclude=["ann"]))
        result = graph.compute("funnel", steps=STEPS, window=1000 * MINUTE, baseline=baseline)
        self.assertIn("compare", result)


@unittest.skipIf(numpy is None, "NumPy is not installed")
class Arrays(unittest.TestCase):
    def test_numeric_columns_are_not_copied(self):
        times = numpy.array(TIMES, dtype="int64")
        column, _ = sojourn._column(times)
        row = sojourn._fields("sj_column")["data"]
        address = int.from_bytes(column.bytes[row["offset"]:row["offset"] + row["size"]], sys.byteorder)
        self.assertEqual(address, times.ctypes.data)

    def test_a_graph_from_arrays_is_that_from_lists(self):
        values = numpy.ma.array([0, 0, 0, 0, 0, 49.9], mask=[1, 1, 1, 1, 1, 0])
        graph = make_graph(numpy.array(CUSTOMERS), numpy.array(TOUCHPOINTS, dtype=object),
                           numpy.array(TIMES, dtype="datetime64[us]"), values)
        self.assertEqual(graph.journey("ann"), make_graph().journey("ann"))

    def test_codes_of_every_width(self):
        for kind in ("uint8", "uint16", "uint32", "uint64", "int32", "int64"):
            builder = sojourn.Builder()
            builder.add_touchpoint("view")
            builder.add_touchpoint("cart")
            builder.add_events(customer=numpy.array([1, 1], dtype=kind), touchpoint=numpy.array([0, 1], dtype=kind),
                               time=numpy.array([0, 1], dtype="int64"))
            self.assertEqual([e.touchpoint for e in builder.build().journey("1")], ["view", "cart"], kind)

    def test_what_is_no_column_is_refused(self):
        for values in (numpy.zeros((2, 2)), numpy.zeros(2, dtype="complex128"), numpy.zeros(2, dtype=">i8")):
            with self.assertRaises(TypeError):
                sojourn._column(values)

    def test_results_are_views_that_keep_the_result_alive(self):
        steps = make_graph().compute("funnel", steps=STEPS)["steps"]
        reached = steps.array("reached")
        again = steps.array("reached")
        self.assertEqual(reached.ctypes.data, again.ctypes.data)
        del steps, again
        gc.collect()
        self.assertEqual(reached.tolist(), [3, 2, 1])

    def test_lists_are_one_array_with_presence(self):
        levels = make_graph().list("funnel", steps=STEPS)["levels"]
        self.assertEqual(len(levels.array("times")), 9)
        self.assertEqual(sum(levels.present("times")), 6)


class Tap(unittest.TestResult):
    """Prints a line per case."""
    n = 0

    def say(self, right, test, note=""):
        self.n += 1
        print(f"{'ok' if right else 'not ok'} {self.n} - {test.id().split('.', 1)[-1]}{note}", flush=True)

    def addSuccess(self, test):
        self.say(True, test)

    def addSkip(self, test, reason):
        self.say(True, test, f" # SKIP {reason}")

    def addFailure(self, test, problem):
        self.addError(test, problem)

    def addError(self, test, problem):
        super().addError(test, problem)
        self.say(False, test)
        for line in self.errors[-1][1].splitlines():
            print("# " + line, flush=True)


if __name__ == "__main__":
    if "--tap" not in sys.argv:
        unittest.main()
    outcome = Tap()
    unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"]).run(outcome)
    print(f"1..{outcome.n}")
    sys.exit(bool(outcome.errors))
