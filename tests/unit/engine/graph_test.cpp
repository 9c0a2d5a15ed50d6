// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

const std::vector<Override> kNoOverrides;

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Unit unit(std::string name, std::vector<std::string> required = {}) {
    Unit made;
    made.name = std::move(name);
    made.required = std::move(required);
    made.is_explicit = true;
    return made;
}

Graph::Index index_of(const Graph &graph, std::string_view name) {
    const auto found = graph.find(name);
    EXPECT_TRUE(found) << name;
    return found.value_or(0);
}

TEST(Graph, ACycleIsNamedByItsWholePath) {
    Graph graph{kNoOverrides};
    graph.add(unit("a", {"b"}));
    Unit b = unit("b");
    b.after = {"c"};
    graph.add(b);
    graph.add(unit("c", {"a"}));
    graph.add(unit("outside", {"a"}));
    EXPECT_THAT(graph.find_cycle(index_of(graph, "a")), ElementsAre("a", "b", "c", "a"));
    EXPECT_THAT(graph.find_cycle(index_of(graph, "outside")), IsEmpty()) << "only leads to one";
}

TEST(Graph, BeforeAndBarriersMakeCyclesAsWell) {
    Graph graph{kNoOverrides};
    Unit first = unit("first");
    first.before = {"last"};
    first.after = {"last"};
    graph.add(first);
    graph.add(unit("last"));
    EXPECT_THAT(graph.find_cycle(index_of(graph, "first")), ElementsAre("first", "last", "first"));
    Unit barrier = unit("resume", {"writer"});
    barrier.barrier = true;
    graph.add(barrier);
    Unit writer = unit("writer");
    writer.writes = true;
    graph.add(writer);
    EXPECT_THAT(graph.find_cycle(index_of(graph, "writer")),
                ElementsAre("writer", "resume", "writer"));
}

TEST(Graph, OrderReachesThroughOthers) {
    Graph graph{kNoOverrides};
    graph.add(unit("a"));
    graph.add(unit("b", {"a", "not-defined"}));
    graph.add(unit("c", {"b"}));
    EXPECT_TRUE(graph.must_precede("a", index_of(graph, "c")));
    EXPECT_TRUE(graph.must_precede("not-defined", index_of(graph, "c")));
    EXPECT_FALSE(graph.must_precede("c", index_of(graph, "a")));
    EXPECT_FALSE(graph.must_precede("a", index_of(graph, "a")));
}

TEST(Graph, AnInstanceHasItsKeyInWhatItNames) {
    Graph graph{kNoOverrides};
    Unit base = unit("crypt@", {"header@{key}"});
    base.params = {{"uuid", "{key}"}};
    ASSERT_TRUE(graph.add(base));
    EXPECT_EQ(graph.size(), 0U) << "a template is no node";
    const auto instance = graph.find_or_instantiate("crypt@5a");
    ASSERT_TRUE(instance);
    EXPECT_THAT(graph.at(*instance).unit.required, ElementsAre("header@5a"));
    EXPECT_EQ(graph.at(*instance).unit.params.at("uuid"), "5a");
    EXPECT_FALSE(graph.at(*instance).unit.is_explicit);
    EXPECT_EQ(graph.find_or_instantiate("crypt@5a"), instance);
    EXPECT_THAT(graph.listeners("header@5a"), ElementsAre(*instance));
    EXPECT_FALSE(graph.find_or_instantiate("md@1"));
}

TEST(Graph, AConflictIsOneWhicheverSaysIt) {
    Graph graph{kNoOverrides};
    Unit a = unit("a");
    a.conflicts = {"b"};
    graph.add(unit("b"));
    graph.add(a);
    EXPECT_THAT(graph.conflicts(graph.at(index_of(graph, "b"))), ElementsAre("a"));
    EXPECT_THAT(graph.conflicts(graph.at(index_of(graph, "a"))), ElementsAre("b"));
    EXPECT_FALSE(graph.add(unit("a"))) << "defined already";
}

} // namespace
} // namespace slipway
