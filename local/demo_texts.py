"""What the people of the demo are called and what they say.

A text may hold `[one|another|a third]`: `phrase` picks one of them each time.
"""

import random
import re

_CHOICE = re.compile(r"\[([^\[\]]*)\]")

FIRST_NAMES = """
Ada Ana Ben Abel Adele Agnes Aiko Alba Aldo Alma Amara Amir Anders Andrea Anouk Anton Arjun Arne
Astrid Aya Bao Bea Bela Bianca Boris Bruno Camila Carl Carmen Celia Chen Chloe Clara Colin Cora
Dalia Dan Dara David Delia Diego Dina Dora Edda Eero Elena Eli Elif Elio Ella Emil Emma Erik
Esra Esther Eva Ezra Fabio Farah Felix Femi Fiona Flora Frank Freya Gael Gala Gina Goran Greta
Gustav Hana Hanna Hans Hector Heidi Helga Henri Hugo Ida Igor Ilse Imani Ines Inga Ingrid
Ira Iris Isak Ivan Ivy Jack Jana Jan Jasper Javi Jin Joan Joao Jonas Jose Juan Judit Jules Julia
Juno Kai Kamal Karin Karl Katya Keiko Kemal Kenji Kim Kira Klara Kofi Lars Laura Lea Leo Leila Lena
Liam Lia Lin Lina Linus Lisa Lotte Luca Lucy Luis Luz Mae Magda Malik Mara Marc Maria Mateo Maya
Mei Mia Mila Milan Mina Miro Moa Nadia Nala Nana Nia Nico Nils Nina Noa Noah Nora Nuno Odin Olga
Oliver Olu Omar Orla Oskar Otto Pablo Paula Pavel Petra Pia Priya Quinn Rafa Rania Raul Rita Rosa
Ruth Sana Sami Sara Selma Sofia Sven Tara Theo Tomas Uma Vera Viktor Wanda Xenia Yara Yuki Zara Zoe
""".split()  # noqa: SIM905 - a page of names reads better than a column of quotes

LAST_NAMES = """
Almeida Andersson Bauer Bianchi Brandt Castillo Chen Costa Danek Dubois Eriksen Farkas Fischer
García Girard Haddad Hansen Hoffmann Horváth Ivanova Jensen Kaya Keller Kim Kowalska Lambert Larsen
Lopez Marino Martín Mensah Mori Moreau Müller Nakamura Nguyen Novak Nowak Okafor Olsen Öztürk Park
Patel Pereira Petrov Popescu Quinn Ramos Reyes Rossi Sato Silva Singh Søndergaard Tamm Tanaka Torres
Vargas Virtanen Weber Wójcik Yilmaz Zhang Žukauskas
""".split()  # noqa: SIM905 - the same

OPENINGS = (
    "[So|Well], ",
    "[Small|Quiet|Late] [victory|update|discovery]: ",
    "Today [I learned|it hit me|I noticed] that ",
    "[Unpopular|Honest|Humble] opinion: ",
    "[Note to self|For the record|Reminder]: ",
    "After [a week|two weeks|a month|all these years]: ",
    "",
    "",
    "",
)

CLOSINGS = (
    " [Worth it|No regrets|Ten out of ten|Would do it again].",
    " [Anyone else|Am I alone|Is it just me]?",
    " [What do you think|How do you do it|Tell me I am wrong|Suggestions welcome]?",
    " [Photos|More|Details] [tomorrow|soon|at the weekend].",
    " [That is all|That is the post|End of report].",
    " [Coffee|Tea|Cake] [helped|was involved].",
    "",
    "",
    "",
)

TOPICS: dict[str, tuple[str, ...]] = {
    "gardening": (
        "the [tomatoes|beans|courgettes] have [overtaken|befriended] the [fence|path|bench]",
        "[one|a single] [ladybird|hedgehog|robin] does more for a garden than [I do|any spray]",
        "you can grow [basil|mint|chard] in [a teapot|an old boot|a tin] and it will thank you",
        "the compost heap is [steaming|warm|alive] and I am [proud|slightly afraid] of it",
        "I planted [forty|sixty|far too many] [tulips|crocuses] and the squirrels took notes",
    ),
    "cycling": (
        "[the headwind|every hill] was [against me|on my side] in both directions",
        "[thirty|fifty|eighty] kilometres before breakfast and [only one|not one] puncture",
        "the new [cycle path|bridge|crossing] by the [river|market] saves [six|ten] minutes",
        "a clean chain is [a quiet chain|half a horsepower|cheaper than therapy]",
        "my bike was [fixed|saved] by a [stranger|ten-year-old] with a [spoon|shoelace|smile]",
    ),
    "cooking": (
        "the secret of [the soup|a good curry|any stew] is [time|butter|the lid|not looking]",
        "I burned the [rice|onions|caramel] and [nobody noticed|called it smoky|started again]",
        "[lemon|salt|vinegar] at the end fixes [almost everything|more than you think]",
        "my grandmother's [dumplings|flatbread|pancakes] [finally|almost] worked",
        "[Sunday|leftover] [lasagne|dal|shakshuka] for [two|six|whoever knocks]",
    ),
    "python": (
        "the bug was [a default argument|a missing await|in the test|one colon], as [ever|usual]",
        "I deleted [three hundred|a thousand|ninety] lines and everything [still works|got faster]",
        "[type hints|dataclasses|generators] made this module [half|a third] as long",
        "naming things took [longer than|as long as] writing them, and it was [right|well spent]",
        "a test that [never fails|nobody reads] is [a comment|decoration] with a runtime",
    ),
    "graphs": (
        "[friends of friends|shortest paths] are one line when the [edges are data|model fits]",
        "[half|most] of my [joins|tables] wanted to be relationships all along",
        "[a dense node|one celebrity] will [find|humble] every [index|query plan] you have",
        "drew the [model|schema] on a [napkin|whiteboard|window] and that was the migration plan",
        "six degrees of separation, [four|three] if you know [a postman|a barber|Zoe]",
    ),
    "music": (
        "the [second|slow] movement [undid me|is the whole point] [again|tonight]",
        "[our|the] [choir|band|quartet] found the [chord|tempo] and [nobody breathed|the dog sang]",
        "learning the [cello|accordion|clarinet] at [forty|thirty|sixty] is [loud|humbling|bliss]",
        "a [record shop|jazz bar|busker] [near the station|round the corner] changed my [day|week]",
        "practise [slowly|with a metronome], then [slower|turn it off]",
    ),
    "hiking": (
        "[above|just below] the tree line there was [nothing|only wind] and it was [enough|fine]",
        "the map said [two|three] hours; the map [has never met me|was drawn by goats]",
        "[first|last] snow on the [ridge|pass], [tea|soup] from the flask, [silence|ravens]",
        "new boots: [nineteen|twelve] kilometres, [two|no] blisters",
        "the hut has [soup|bunk beds|stars] and no [signal|shower|worries]",
    ),
    "books": (
        "read [the last|the first] [page|chapter] twice and [sat there|missed my stop]",
        "the library [ordered|found|kept] it for me and [librarians are heroes|I nearly cried]",
        "[second-hand|borrowed] books with [notes|tickets|pressed flowers] in them are the best",
        "[abandoned|finished] at page [ninety|three hundred]; life is [short|long enough]",
        "the translator of this [novel|poem|play] deserves [a prize|a statue|dinner]",
    ),
    "astronomy": (
        "[Saturn|Jupiter|the Moon] from the [balcony|roof], rings and all the [neighbours|kids]",
        "clear sky, [no moon|new moon], and [three|nine] shooting stars before my [tea|toes] froze",
        "that light left [before the pyramids|when mammoths lived] and landed in my [eye|bucket]",
        "built a [telescope|sundial] from [a pipe|old lenses] and it [works|points somewhere]",
        "the [space station|comet] crossed [at nine|over the bakery] and strangers [waved|cheered]",
    ),
    "coffee": (
        "[two|three] grams less and the [bitterness|regret] is gone",
        "the new [grinder|kettle] is [louder|better] than [the bus|my neighbour] and I love it",
        "[flat white|filter|espresso] from the [kiosk|corner café] where they know [me|my dog]",
        "cold brew: [eighteen|twelve] hours of waiting, [four|nine] minutes of joy",
        "decaf after [noon|four] is [wisdom|defeat|a love letter to sleep]",
    ),
    "cities": (
        "a [bench|tree|fountain] in the right place is [urban planning|all a square needs]",
        "the [tram|ferry|night bus] is the best [living room|view|bargain] in town",
        "they [closed|gave back] the street [to cars|to children] and [the birds|shops] came back",
        "[follow|trust] the smell of [bread|rain on stone] in a city you do not know",
        "our block has a [tool library|shared freezer|piano] now and [people talk|it is full]",
    ),
    "cats": (
        "the cat has [a new box|learned doors|opinions] and I [work|live] for her now",
        "[four|five] in the morning is [breakfast|opera|parkour] time, apparently",
        "adopted [one|two]; [now there are three|the sofa is theirs]",
        "she [sat on|edited|deleted] my [code|essay|map] and it [improved|compiles]",
        "the vet says [perfect|robust|round]; the cat says [lawyer|more]",
    ),
}

REPLIES = (
    "[This|Exactly this|So true|Yes], [thank you|every word|all of it].",
    "[Ha|Oh], [same here|I had that too|that happened to me] [last week|in spring|twice].",
    "I am not [sure|convinced]: [what about rain|does it scale|who cleans up afterwards]?",
    "[How long|How much|How many tries] did it [take|cost] you?",
    "[Love|Saving|Printing] this. [More, please|You made my day|Do go on].",
    "My [neighbour|sister|teacher|dentist] says the opposite, and she is [never|often] wrong.",
    "[Counterpoint|A small but]: [only on Tuesdays|not in winter|it depends on the altitude].",
    "[Where|When] was that? I want to [go|try|see it] too.",
    "I [tried|did] exactly that and [it worked|we do not speak of it|the cat approved].",
    "[Respectfully|Gently]: [no|source|have you slept]?",
    "[Congratulations|Well done|Bravo]! [Deserved|About time|Cake is owed].",
    "That is [kinder|funnier|wiser] than [anything|most things] I read today.",
    "You [forgot|left out] the best part: [the smell|the view|the bill|breakfast].",
    "[Agreed|Fair], but [then explain|what of] [the squirrels|Mondays|the second law].",
    "[Following|Bookmarked|Noted]. [Report back|We need an update|Keep us posted].",
)

DEBATE = (
    "[No|Still no|Absolutely not]. [Read|Think about] it [again|once more]: [order|salt] matters.",
    "You [moved|repainted] the goalposts, but [they look good there|I followed them].",
    "[Let us|Can we] agree that [both|neither] of us [measured|slept|asked the cat]?",
    "I [measured|counted] it: [eleven|forty-two|ninety]. [Your turn|Beat that].",
    "[Interesting|Annoying]: you are right about [that part|the first half|the footnote].",
    "[Fine|Very well], but that [proves my point|was my point all along|is a different soup].",
    "We are [very|impressively] deep in this thread now. [Hello down here|Mind the ceiling].",
    "[My last word|Truly the last word]: [maybe|it depends|ask Ana].",
)


def phrase(rng: random.Random, text: str) -> str:
    """Fill in every choice of a text."""
    while choice := _CHOICE.search(text):
        picked = rng.choice(choice.group(1).split("|"))
        text = text[: choice.start()] + picked + text[choice.end() :]
    return text


def post_text(rng: random.Random, topic: str) -> str:
    """Make a post of one to three sentences about a topic."""
    body = phrase(rng, rng.choice(OPENINGS) + rng.choice(TOPICS[topic]))
    return body[0].upper() + body[1:] + "." + phrase(rng, rng.choice(CLOSINGS))
