"""A thousand people's conversations in SQLite: what the API must say of them, asked in plain SQL.

LDBC SNB Datagen data, 1,000 persons; not an LDBC benchmark result. The file is read here a second
time, by other code than the importer's, and nothing here knows how the graph is laid out.
"""

import gzip
import json
import math
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE users (id TEXT PRIMARY KEY, username TEXT);
CREATE TABLE follows (follower TEXT, followee TEXT, at INTEGER, PRIMARY KEY (follower, followee));
CREATE TABLE posts (id TEXT PRIMARY KEY, author TEXT, at INTEGER);
CREATE TABLE tags (post TEXT, name TEXT);
CREATE TABLE comments (id TEXT PRIMARY KEY, author TEXT, post TEXT, parent TEXT, at INTEGER);
CREATE TABLE likes (user TEXT, subject TEXT, at INTEGER, PRIMARY KEY (user, subject));
CREATE TABLE shares (
  user TEXT, post TEXT, at INTEGER, via TEXT, PRIMARY KEY (user, post));
CREATE TABLE followed_tags (user TEXT, tag TEXT);
CREATE INDEX posts_author ON posts (author);
CREATE INDEX tags_post ON tags (post);
CREATE INDEX comments_post ON comments (post);
CREATE INDEX comments_parent ON comments (parent);
CREATE INDEX comments_author ON comments (author);
CREATE INDEX likes_subject ON likes (subject);
CREATE INDEX follows_followee ON follows (followee);
CREATE INDEX shares_post ON shares (post);
"""

_FEED = """
WITH brought AS (
  SELECT posts.id AS post, posts.at AS at, posts.id AS tie
  FROM posts JOIN follows ON follows.followee = posts.author WHERE follows.follower = :reader
  UNION ALL
  SELECT shares.post, shares.at, 's:' || shares.user
  FROM shares JOIN follows ON follows.followee = shares.user JOIN posts ON posts.id = shares.post
  WHERE follows.follower = :reader AND posts.author <> :reader
  UNION ALL
  SELECT posts.id, posts.at, posts.id
  FROM posts JOIN tags ON tags.post = posts.id
  JOIN followed_tags ON lower(followed_tags.tag) = lower(tags.name)
  WHERE followed_tags.user = :reader AND posts.author <> :reader)
SELECT post FROM brought GROUP BY post ORDER BY max(printf('%015d', at) || tie) DESC, post DESC"""

_REASONS = """
SELECT posts.id,
  EXISTS (SELECT 1 FROM follows WHERE follower = :reader AND followee = posts.author),
  (SELECT max(shares.at) FROM shares JOIN follows ON follows.followee = shares.user
   WHERE follows.follower = :reader AND shares.post = posts.id),
  EXISTS (SELECT 1 FROM tags JOIN followed_tags ON lower(followed_tags.tag) = lower(tags.name)
          WHERE tags.post = posts.id AND followed_tags.user = :reader)
FROM posts"""

_NOT_FOLLOWED = """
SELECT id FROM users
WHERE id <> :reader AND id NOT IN (SELECT followee FROM follows WHERE follower = :reader)
ORDER BY id"""

_SHARED_POSTS = """
SELECT id, at FROM posts
ORDER BY (CAST(substr(id, 3) AS INTEGER) * 7919) % 10007, id LIMIT :count"""

_ALL_POSTS = "SELECT id FROM posts ORDER BY at DESC, id DESC"

_RANKED_POSTS = """
SELECT id FROM (
  SELECT id, at,
    (SELECT count(*) FROM likes WHERE subject = posts.id AND at >= :since) AS likes,
    (SELECT count(*) FROM comments WHERE post = posts.id AND at >= :since) AS comments,
    (SELECT count(*) FROM shares WHERE post = posts.id AND at >= :since) AS shares
  FROM posts
  WHERE (:author IS NULL OR author = :author) AND (:tag IS NULL OR EXISTS (
    SELECT 1 FROM tags WHERE post = posts.id AND lower(name) = lower(:tag))))
{order} LIMIT :count"""

_ORDERS = {
    "NEW": "ORDER BY at DESC, id DESC",
    "HOT": "ORDER BY round(1e7 * (100000 + log10(max(likes, 1)) "
    "+ (at / 1000.0 - 1134028003) / 45000)) DESC, at DESC, id DESC",
    "TOP": "WHERE likes + comments + shares > 0 "
    "ORDER BY likes + 2 * comments + 3 * shares DESC, at DESC, id DESC",
}

_BUSIEST_TAGS = "SELECT name FROM tags GROUP BY name ORDER BY count(*) DESC, name LIMIT ?"

_TAG_STATS = "SELECT lower(name), count(DISTINCT post) FROM tags GROUP BY lower(name)"

_AUTHOR_POSTS = "SELECT id FROM posts WHERE author = ? ORDER BY at DESC, id DESC"

_USER_STATS = """
SELECT id,
  (SELECT count(*) FROM follows WHERE followee = users.id),
  (SELECT count(*) FROM follows WHERE follower = users.id),
  (SELECT count(*) FROM posts WHERE author = users.id),
  (SELECT count(*) FROM comments WHERE author = users.id)
FROM users ORDER BY id"""

_POST_STATS = """
SELECT id, (SELECT count(*) FROM likes WHERE subject = posts.id),
  (SELECT count(*) FROM comments WHERE post = posts.id),
  (SELECT count(*) FROM shares WHERE post = posts.id)
FROM posts"""

_COMMENT_STATS = """
SELECT id, (SELECT count(*) FROM likes WHERE subject = comments.id),
  (SELECT count(*) FROM comments AS replies WHERE replies.parent = comments.id)
FROM comments"""

_BUSIEST_POSTS = """
SELECT post FROM comments GROUP BY post ORDER BY count(*) DESC, post LIMIT ?"""

_SUGGESTED = """
SELECT users.id, count(*) AS mutuals
FROM follows AS mine
JOIN follows AS theirs ON theirs.follower = mine.followee
JOIN users ON users.id = theirs.followee
WHERE mine.follower = :reader AND theirs.followee <> :reader
  AND theirs.followee NOT IN (SELECT followee FROM follows WHERE follower = :reader)
GROUP BY users.id ORDER BY mutuals DESC, users.username LIMIT :count"""

_MUTUALS = """
SELECT users.id FROM users
WHERE EXISTS (SELECT 1 FROM follows WHERE follower = :reader AND followee = users.id)
  AND EXISTS (SELECT 1 FROM follows WHERE follower = users.id AND followee = :person)
ORDER BY users.username"""

_KNOWN_LIKERS = """
SELECT users.id FROM likes JOIN users ON users.id = likes.user
WHERE subject = :subject
  AND EXISTS (SELECT 1 FROM follows WHERE follower = :reader AND followee = users.id)
ORDER BY users.username"""

_MOST_LIKED = """
SELECT subject FROM likes WHERE subject LIKE :like
GROUP BY subject ORDER BY count(*) DESC, subject LIMIT :count"""

_DISTANCES = """
WITH RECURSIVE
steps (here, there) AS (
  SELECT follower, followee FROM follows UNION SELECT followee, follower FROM follows),
reached (id, distance) AS (
  SELECT :reader, 0
  UNION
  SELECT there, distance + 1 FROM reached JOIN steps ON here = id WHERE distance < 6)
SELECT id, min(distance) FROM reached GROUP BY id"""

_LINK = """
SELECT 1 FROM follows WHERE (follower = :one AND followee = :other)
  OR (follower = :other AND followee = :one)"""

_POST_HOURS = """
SELECT post, at / 3600000 * 3600000 AS hour, sum(liked), sum(commented), sum(shared) FROM (
  SELECT subject AS post, at, 1 AS liked, 0 AS commented, 0 AS shared FROM likes
  WHERE subject LIKE 'p%'
  UNION ALL SELECT post, at, 0, 1, 0 FROM comments
  UNION ALL SELECT post, at, 0, 0, 1 FROM shares)
GROUP BY post, hour"""

_USER_HOURS = """
SELECT user, at / 3600000 * 3600000 AS hour,
  sum(posted), sum(commented), sum(liked), sum(got), sum(shared) FROM (
  SELECT author AS user, at, 1 AS posted, 0 AS commented, 0 AS liked, 0 AS got, 0 AS shared
  FROM posts
  UNION ALL SELECT author, at, 0, 1, 0, 0, 0 FROM comments
  UNION ALL SELECT user, at, 0, 0, 1, 0, 0 FROM likes
  UNION ALL SELECT posts.author, likes.at, 0, 0, 0, 1, 0 FROM likes JOIN posts ON id = subject
  UNION ALL SELECT comments.author, likes.at, 0, 0, 0, 1, 0
  FROM likes JOIN comments ON id = subject
  UNION ALL SELECT user, at, 0, 0, 0, 0, 1 FROM shares)
GROUP BY user, hour"""

_PLATFORM_HOURS = """
SELECT '', at / 3600000 * 3600000 AS hour, sum(posted), sum(commented), sum(liked), sum(shared)
FROM (
  SELECT at, 1 AS posted, 0 AS commented, 0 AS liked, 0 AS shared FROM posts
  UNION ALL SELECT at, 0, 1, 0, 0 FROM comments
  UNION ALL SELECT at, 0, 0, 1, 0 FROM likes
  UNION ALL SELECT at, 0, 0, 0, 1 FROM shares)
GROUP BY hour"""

_TOP = """
SELECT id, liked + 2 * commented + 3 * shared AS engagement, liked, commented, shared FROM (
  SELECT id, at,
    (SELECT count(*) FROM likes WHERE subject = posts.id AND at >= :from AND at < :to) AS liked,
    (SELECT count(*) FROM comments WHERE post = posts.id AND at >= :from AND at < :to) AS commented,
    (SELECT count(*) FROM shares WHERE post = posts.id AND at >= :from AND at < :to) AS shared
  FROM posts)
WHERE {by} > 0 ORDER BY {by} DESC, at DESC, id DESC LIMIT 100"""

_SCORES = {
    "ENGAGEMENT": "engagement",
    "LIKES": "liked",
    "COMMENTS": "commented",
    "SHARES": "shared",
}

_TRENDING = """
SELECT folded(tags.name) AS tag, count(DISTINCT posts.id) AS posts,
  count(DISTINCT posts.author) AS people
FROM tags JOIN posts ON posts.id = tags.post WHERE posts.at >= ? AND posts.at < ?
GROUP BY tag ORDER BY people DESC, posts DESC, tag LIMIT 100"""

_DEEDS = """
SELECT 'post', author, id, id, at FROM posts WHERE at >= :start
UNION ALL SELECT 'comment', author, id, post, at FROM comments WHERE at >= :start
UNION ALL SELECT 'like', user, subject, CASE WHEN subject LIKE 'p%' THEN subject END, at
FROM likes WHERE at >= :start
UNION ALL SELECT 'share', user, post, post, at FROM shares WHERE at >= :start
ORDER BY 5, 2, 3"""

_PASS_ON = "UPDATE shares SET via = ? WHERE user = ? AND post = ?"

_UNDO = {
    "like": "DELETE FROM likes WHERE user = ? AND subject = ?",
    "share": "DELETE FROM shares WHERE user = ? AND post = ?",
    "comment": "DELETE FROM comments WHERE author = ? AND id = ?",
    "post": "DELETE FROM posts WHERE author = ? AND id = ?",
}

_EVERY = "SELECT id FROM users WHERE rowid % ? = 0 ORDER BY id"

_SIBLINGS = {
    "NEW": "at DESC, id DESC",
    "OLD": "at, id",
    "TOP": "likes DESC, at, id",
    "BEST": "ln(3 + likes) * (CASE WHEN by_author THEN 1.45 ELSE 1.0 END) DESC, at, id",
}

_THREAD = """
WITH RECURSIVE
said AS (
  SELECT comments.id, parent, comments.at,
    (SELECT count(*) FROM likes WHERE subject = comments.id) AS likes,
    EXISTS (SELECT 1 FROM likes WHERE subject = comments.id AND user = posts.author) AS by_author
  FROM comments JOIN posts ON posts.id = comments.post WHERE post = :post),
ranked AS (
  SELECT id, parent, row_number() OVER (PARTITION BY parent ORDER BY {order}) AS place FROM said),
tree (id, depth, path) AS (
  SELECT id, 1, printf('%06d', place) FROM ranked WHERE parent = :post
  UNION ALL
  SELECT ranked.id, depth + 1, path || '/' || printf('%06d', place)
  FROM tree JOIN ranked ON ranked.parent = tree.id)
SELECT id, depth,
  (SELECT count(*) FROM tree AS below WHERE below.path LIKE tree.path || '/%') AS below
FROM tree ORDER BY path"""

_READERS = """
WITH counted AS (
  SELECT id, row_number() OVER (ORDER BY
    (SELECT count(*) FROM follows WHERE follower = users.id), id) - 1 AS place FROM users)
SELECT id FROM counted WHERE place % (1000 / :count) = 0 OR place = 999 ORDER BY place"""


def _rows(line: dict[str, Any], posts: set[int]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    def subject(id_: int) -> str:
        return f"p_{id_}" if id_ in posts else f"c_{id_}"

    match line["kind"]:
        case "user":
            yield "users", (f"u_{line['id']}", line["username"])
        case "follow":
            yield "follows", (f"u_{line['src']}", f"u_{line['dst']}", line["at_ms"])
        case "post":
            posts.add(line["id"])
            yield "posts", (f"p_{line['id']}", f"u_{line['author']}", line["created_at_ms"])
            for name in line["tags"]:
                yield "tags", (f"p_{line['id']}", name)
        case "comment":
            parent, author = subject(line["parent"]), f"u_{line['author']}"
            at = line["created_at_ms"]
            yield "comments", (f"c_{line['id']}", author, f"p_{line['post']}", parent, at)
        case "like":
            yield "likes", (f"u_{line['user']}", subject(line["subject"]), line["at_ms"])


class Snb:
    """The file as tables, and the questions that the API answers, in SQL.

    Args:
        path: Where the file is.
    """

    def __init__(self, path: Path) -> None:
        self._tables = sqlite3.connect(":memory:")
        self._tables.executescript(_TABLES)
        self._tables.create_function("folded", 1, str.casefold, deterministic=True)
        self._tables.create_function("ln", 1, math.log, deterministic=True)
        self._tables.create_function("log10", 1, math.log10, deterministic=True)
        posts: set[int] = set()
        with gzip.open(path, "rt") as lines:
            for line in lines:
                for table, row in _rows(json.loads(line), posts):
                    marks = ", ".join("?" * len(row))
                    self._tables.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608

    def ask(self, question: str, *values: Any) -> list[Any]:
        """Give the rows of a question; of one with a single column, its values."""
        rows = self._tables.execute(question, values[0] if values else ()).fetchall()
        return [row[0] if len(row) == 1 else row for row in rows]

    def follow_tag(self, user_id: str, tag: str) -> None:
        """Let a user follow a tag, which nobody does in the file."""
        self._tables.execute("INSERT INTO followed_tags VALUES (?, ?)", (user_id, tag))

    def feed(self, user_id: str) -> list[str]:
        """Give the ids of what those whom a user follows wrote and shared, and of what is under
        the tags that they follow, the latest first."""
        return self.ask(_FEED, {"reader": user_id})

    def reasons(self, user_id: str) -> dict[str, tuple[bool, int | None, bool]]:
        """Give what brings every post to a user: author, the latest share by the followed, tag."""
        rows = self.ask(_REASONS, {"reader": user_id})
        return {post: (bool(by), shared_at, bool(tag)) for post, by, shared_at, tag in rows}

    def make_follows(self, user_id: str) -> Iterator[dict[str, Any]]:
        """Let a user follow everybody whom they do not yet; yield the lines."""
        for n, other in enumerate(self.ask(_NOT_FOLLOWED, {"reader": user_id})):
            line = {"kind": "follow", "src": int(user_id[2:]), "dst": int(other[2:]), "at_ms": n}
            self._tables.execute("INSERT INTO follows VALUES (?, ?, ?)", (user_id, other, n))
            yield line

    def make_shares(self, count: int, each: int, now: int) -> Iterator[dict[str, Any]]:
        """Share some posts, by several people each; yield the lines.

        Most are shared some days later, and every tenth within the year before now.
        """
        people = self.ask("SELECT CAST(substr(id, 3) AS INTEGER) FROM users ORDER BY id")
        for n, (post, at) in enumerate(self.ask(_SHARED_POSTS, {"count": count})):
            for m in range(each):
                line = {
                    "kind": "share",
                    "user": people[(n * 31 + m * 97) % len(people)],
                    "post": int(post[2:]),
                    "at_ms": now - (n * n // 1_000 + m) * 3_600_000
                    if n % 10 == 0
                    else at + (1 + (n + m) % 5) * 86_400_000 + m,
                }
                row = (f"u_{line['user']}", post, line["at_ms"])
                self._tables.execute("INSERT INTO shares VALUES (?, ?, ?, NULL)", row)
                yield line

    def pass_on(self) -> Iterator[tuple[str, str, str]]:
        """Let half of the sharers have the post from somebody; yield (sharer, post, from whom).

        Who is named shares the post, some of them only later: that counts for nothing.
        """
        by_post: dict[str, list[str]] = defaultdict(list)
        for user, post in self.ask("SELECT user, post FROM shares ORDER BY post, rowid"):
            by_post[post].append(user)
        for n, (post, users) in enumerate(by_post.items()):
            for user, via in pairwise(users):
                if (n + len(via)) % 2:
                    row = (via, user, post)
                    self._tables.execute(
                        "UPDATE shares SET via = ? WHERE user = ? AND post = ?", row
                    )
                    yield user, post, via

    def posts(self, author_id: str | None = None) -> list[str]:
        """Give the ids of everybody's posts, or of one author's, newest first."""
        return self.ask(_AUTHOR_POSTS, (author_id,)) if author_id else self.ask(_ALL_POSTS)

    def ranked_posts(
        self,
        sort: str,
        count: int,
        tag: str | None = None,
        author: str | None = None,
        since: int = 0,
    ) -> list[str]:
        """Give the ids of the first posts in an order, of all, an author's or under a tag."""
        question = _RANKED_POSTS.format(order=_ORDERS[sort])
        scope = {"tag": tag, "author": author, "since": since}
        return self.ask(question, {**scope, "count": count})

    def tag_stats(self) -> dict[str, int]:
        """Count the posts under every tag."""
        return dict(self.ask(_TAG_STATS))

    def busiest_tags(self, count: int) -> list[str]:
        """Give the tags with the most posts."""
        return self.ask(_BUSIEST_TAGS, (count,))

    def user_stats(self) -> dict[str, dict[str, int]]:
        """Count what every user has."""
        names = ("followers", "following", "posts", "comments")
        return {id_: dict(zip(names, row, strict=True)) for id_, *row in self.ask(_USER_STATS)}

    def post_stats(self) -> dict[str, dict[str, int]]:
        """Count the likes, comments and shares of every post."""
        return {
            id_: {"likes": likes, "comments": comments, "shares": shares}
            for id_, likes, comments, shares in self.ask(_POST_STATS)
        }

    def comment_stats(self) -> dict[str, dict[str, int]]:
        """Count the likes and direct replies of every comment."""
        return {
            id_: {"likes": likes, "replies": replies}
            for id_, likes, replies in self.ask(_COMMENT_STATS)
        }

    def busiest_posts(self, count: int) -> list[str]:
        """Give the posts with the most comments."""
        return self.ask(_BUSIEST_POSTS, (count,))

    def thread(self, post_id: str, sort: str) -> list[tuple[str, int, int]]:
        """Give (id, depth, how many below) of a post's comments, parents before children."""
        question = _THREAD.format(order=_SIBLINGS[sort])
        return self.ask(question, {"post": post_id})

    def readers(self, count: int) -> list[str]:
        """Give people who follow nobody, few, many and the most."""
        return self.ask(_READERS, {"count": count})

    def suggested(self, reader: str, count: int) -> list[tuple[str, int]]:
        """Give whom a user's followed follow and how many of them do, most first."""
        return self.ask(_SUGGESTED, {"reader": reader, "count": count})

    def mutuals(self, reader: str, person: str) -> list[str]:
        """Give whom a user follows and who follow a person, by username."""
        return self.ask(_MUTUALS, {"reader": reader, "person": person})

    def known_likers(self, reader: str, subject: str) -> list[str]:
        """Give whom a user follows and who like a post or comment, by username."""
        return self.ask(_KNOWN_LIKERS, {"reader": reader, "subject": subject})

    def most_liked(self, count: int) -> list[str]:
        """Give as many of the most liked posts, and of the most liked comments."""
        return [
            subject
            for like in ("p%", "c%")
            for subject in self.ask(_MOST_LIKED, {"like": like, "count": count})
        ]

    def distances(self, reader: str) -> dict[str, int]:
        """Give how many follows, in either direction, are between a user and others: 6 at most."""
        return dict(self.ask(_DISTANCES, {"reader": reader}))

    def are_linked(self, people: list[str]) -> bool:
        """Tell whether of each two neighbours of a chain one follows the other."""
        return all(self.ask(_LINK, {"one": a, "other": b}) for a, b in pairwise(people))

    def hours(self) -> dict[tuple[str, str, int], tuple[int, ...]]:
        """Count what happened to every post, and what everybody did, in every hour."""
        questions = {
            "PostHour": _POST_HOURS,
            "UserHour": _USER_HOURS,
            "PlatformHour": _PLATFORM_HOURS,
        }
        return {
            (label, whose, at): tuple(figures)
            for label, question in questions.items()
            for whose, at, *figures in self.ask(question)
        }

    def top(self, by: str, start: int, end: int) -> list[tuple[str, int, int, int, int]]:
        """Give (id, engagement, likes, comments, shares) of the top posts of a span."""
        return self.ask(_TOP.format(by=_SCORES[by]), {"from": start, "to": end})

    def trending(self, start: int, end: int) -> list[tuple[str, int, int]]:
        """Give (tag, posts, people) of the tags that most people wrote about in a span."""
        return self.ask(_TRENDING, (start, end))

    def deeds(self, start: int) -> list[tuple[str, str, str, str | None, int]]:
        """Give (what, who, of what, its post, when) of what was done from an instant on."""
        return self.ask(_DEEDS, {"start": start})

    def undo(self, what: str, user: str, subject: str) -> None:
        """Take a deed out of the tables."""
        self._tables.execute(_UNDO[what], (user, subject))

    def every(self, nth: int) -> list[str]:
        """Give every n-th user."""
        return self.ask(_EVERY, (nth,))
