"""The pictures: every node in its place, nothing hostile let through, the same in words."""

from hierarchy.console.drawings import Node, chart, place, tree


def application(label, environment="production"):
    return Node(label, f"/{label}/", environment, note=environment.title())


def test_parents_stand_amid_their_children():
    leaves = [application(name) for name in "abc"]
    root = Node("Acme", "/", "organization", leaves)

    boxes = {box.node.label: box for box in place(root).walk()}

    assert boxes["Acme"].y == boxes["b"].y
    assert boxes["a"].x == boxes["b"].x == boxes["c"].x > boxes["Acme"].x


def test_leaves_never_overlap():
    shops = [Node(f"Shop {n}", "/", "workspace", [application("a")] * (n + 1)) for n in range(3)]

    root = place(Node("Acme", "/", "organization", shops))
    ys = [box.y for box in root.walk() if box.node.note]

    assert len(set(ys)) == len(shops) * 2


def test_tree_says_in_a_list_what_the_picture_shows():
    html = tree(Node("Acme", "/o/acme/", "organization", [application("Web", "staging")]))

    assert 'aria-hidden="true"' in html
    assert '<ul><li><a href="/o/acme/">Acme</a><ul><li><a href="/Web/">Web</a>' in html
    assert '<small class="muted">Staging</small>' in html


def test_tree_escapes_a_hostile_name():
    assert "<script>" not in tree(Node("<script>", '"><script>', "organization"))


def test_word_without_an_address_is_no_link():
    assert "<li>and 12 more</li>" in tree(Node("and 12 more", "", "more"))


def test_chart_says_in_words_what_it_shows():
    html = chart([("1 May", 3), ("2 May", 9), ("3 May", 6)], "Sign-ins")

    assert 'aria-label="Sign-ins: from 3 (1 May) to 6 (3 May), at most 9."' in html
    assert '<th scope="row">2 May</th><td class="number">9</td>' in html


def test_chart_of_nothing_lies_on_the_ground():
    assert "M0.00 100.00L100.00 100.00" in chart([("1 May", 0), ("2 May", 0)], "Sign-ins")
