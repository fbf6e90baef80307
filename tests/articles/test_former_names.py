"""A name that a tag or a series once had means it, for as long as no other is called so."""

import pytest

from articles.models import Series, Tag

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[Tag, Series], ids=["tag", "series"])
def kind(request):
    return request.param


def make(kind, name):
    (topic,) = kind.objects.named([name])
    return topic


def change(topic, **values):
    for name, value in values.items():
        setattr(topic, name, value)
    topic.store()


def names(kind):
    return sorted(kind.objects.values_list("name", flat=True))


@pytest.mark.parametrize("slug", ["", "photos"], ids=["another-address", "the-same-address"])
def test_a_former_name_means_what_had_it(kind, slug):
    topic = make(kind, "Photos")
    change(topic, name="Photography", slug=slug)
    assert kind.objects.named([" PHOTOS ", "photography"]) == [topic]
    assert names(kind) == ["Photography"]


def test_each_of_several_does(kind):
    topic = make(kind, "One")
    for name in ("Two", "Three"):
        change(topic, name=name)
    assert kind.objects.named(["one", "two"]) == [topic]


def test_a_former_address_is_no_former_name(kind):
    c = make(kind, "C")
    change(c, slug="c-lang")
    (other,) = kind.objects.named(["C++"])
    assert other != c
    assert names(kind) == ["C", "C++"]


def test_who_is_called_so_now_is_meant(kind):
    former = make(kind, "Photos")
    change(former, name="Photography")
    present = kind(name="Photos")
    present.store()
    assert kind.objects.named(["photos"]) == [present]
    change(present, name="Snapshots")
    assert kind.objects.named(["photos"]) == [present], "the last one to have had it"


def test_whose_former_name_is_taken_back_has_it_again(kind):
    topic = make(kind, "Photos")
    change(topic, name="Photography")
    change(topic, name="photos")
    assert kind.objects.named(["Photos", "Photography"]) == [topic]
    assert list(topic.old_names.values_list("key", flat=True)) == ["photography"]


def test_another_spelling_is_no_other_name(kind):
    topic = make(kind, "Photos")
    change(topic, name="PHOTOS")
    assert not topic.old_names.exists()


def test_deleted_it_means_nothing(kind):
    topic = make(kind, "Photos")
    change(topic, name="Photography")
    topic.delete()
    (made,) = kind.objects.named(["photos"])
    assert made.name == "photos"


def test_two_queries_however_many_names(kind, django_assert_num_queries):
    topics = kind.objects.named(["One", "Two", "Three"])
    with django_assert_num_queries(1):
        assert kind.objects.named(["one", "two", "three"]) == topics
    for topic in topics:
        change(topic, name=f"{topic.name}!")
    with django_assert_num_queries(2):
        assert kind.objects.named(["one", "two", "three"]) == topics
