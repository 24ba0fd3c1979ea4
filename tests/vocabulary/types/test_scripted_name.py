"""Names in their own script with the source's own transliteration."""

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.scripted_name import ScriptedName

NAME = ScriptedName()


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("山田 太郎 = Yamada Taro", "山田 太郎 = Yamada Taro"),
        ("Yamada  Taro=山田 太郎", "山田 太郎 = Yamada Taro"),
        ("山田＝Yamada", "山田 = Yamada"),
        ("Đặng Hà = Dang Ha", "Đặng Hà = Dang Ha"),
        ("Щеглова = Shcheglova", "Щеглова = Shcheglova"),
        ("محمد = Muḥammad", "محمد = Muḥammad"),
        ("Torvane", "Torvane"),
        ("Torvane = TORVANE", "Torvane"),
        ("= Torvane", "Torvane"),
        ("山田 =", "山田"),
        ("=", ""),
    ],
)
def test_the_own_script_comes_first(said: str, kept: str) -> None:
    assert NAME.clean(said, "x") == kept
    assert NAME.clean(kept, "x") == kept


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("山田 = Yamada = Jamada", "NAME-FORMS"),
        ("山田 = Ямада", "NAME-FORMS"),
        ("山田 = Yamada 2", "NAME-CHARACTER"),
        ("山田 = -", "NAME-EMPTY"),
        ("a" * 101, "FIELD-TOO-LONG"),
    ],
)
def test_what_is_no_name_in_two_forms_is_refused(said: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        NAME.clean(said, "name")
    assert (caught.value.code, caught.value.path) == (code, "name")
    assert NAME.clean("山田 = Yamada", "name") == "山田 = Yamada"


def test_a_search_by_name_is_given_each_form() -> None:
    assert NAME.forms("山田 太郎 = Yamada Taro") == ("山田 太郎", "Yamada Taro")
    assert NAME.forms("Torvane") == ("Torvane",)


def test_one_shared_form_is_enough() -> None:
    assert NAME.compare("山田 太郎 = Yamada Taro", "TARO YAMADA") == 1.0
    assert NAME.compare("山田 太郎 = Yamada Taro", "山田 太郎") == 1.0
    assert NAME.compare("山田 太郎 = Yamada Taro", "山田 花子 = Yamada Hanako") == pytest.approx(1 / 3)
    assert NAME.compare("山田 太郎 = Yamada Taro", "Torvane") == 0.0
