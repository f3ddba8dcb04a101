"""Words that say nothing about what a letter is about, in Russian and English."""

from __future__ import annotations

_RUSSIAN = """
без более больше будет будете будут бы был была были было быть вам вами вас ваш ваша ваше вашего
вашей вашем вашему ваши вашим ваших вашу ведь весь вечер вместе вот все всегда всего всей всем всех
всю вся где дата два две день для добрый его если есть еще ещё завтра здравствуйте из-за или им ими
имя иначе как какие каких какой когда кого кому которая которые который которых кроме кто куда либо
лишь меня мне много может можете можно мои мой мочь мы над надо нам нами нас наш наша нашего нашей
нашем наши нашим наших нашу него нее ней нему несколько нет ни них ничего но нужно однако она они
оно оны от очень перед по под подробнее пожалуйста пока после потом потому почему при привет
приветствуем про просто раз сам сами самый своего своей свои своих свой свою себе себя сегодня
сейчас снова собой спасибо так также такие такой там тебе тебя тем теперь тех то тобой того тоже
той только том тот три тут уважаемая уважаемые уважаемый уже утро хотите чего чем через что чтоб
чтобы эта эти этим этих это этого этой этом этот эту
"""
_ENGLISH = """
about above after again all also and any are because been before being below between both but can
cannot could dear did does doing don down during each eur ever every few for from further gbp get
got had has have having hello her here hers him his how into its itself just let like made make may
me might more most much must never not nothing now number off once one only other our ours out over
own per please rub same she should some such than thank thanks that the their them then there these
they this those through too two under until upon usd use very via was way we were what when where
which while who whom whose why will with would you your yours yourself
"""

STOP_WORDS = frozenset(_RUSSIAN.split()) | frozenset(_ENGLISH.split())
