MATCH (session:Session {id: $viewer.session_id})
WHERE session.revoked_at IS NULL AND session.expires_at - timestamp() > 0
MATCH (viewer:User {id: session.user_id})
WHERE viewer.suspended_at IS NULL AND viewer.role = $viewer.role
RETURN COLLECT {
UNWIND [COUNT { (viewer)-[:FOLLOWS]->() }] AS degree
CALL (viewer, degree) {
 
WITH *
WHERE degree > $s.few
 
CALL (viewer) {
 
MATCH (post:Post)
WHERE post.k <= $s.k
 
WITH viewer, post
ORDER BY post.k DESC LIMIT $s.walk
 
WITH post
 
WHERE EXISTS {
MATCH ()-[pair:FOLLOWS]->() USING INDEX SEEK pair:FOLLOWS(follower_id, followee_id)
WHERE pair.follower_id = viewer.id AND pair.followee_id = post.author_id } AND NOT post.id IN $s.shown
 
WITH post LIMIT $s.size
 
RETURN collect({k: post.k, id: post.id}) AS posts
}
CALL (viewer) {
 
MATCH (person)-[shared:SHARED]->()
WHERE shared.k <= $s.k
 
WITH viewer, person, shared
ORDER BY shared.k DESC LIMIT $s.walk
 
WITH viewer, person, shared
 
WHERE EXISTS {
MATCH ()-[pair:FOLLOWS]->() USING INDEX SEEK pair:FOLLOWS(follower_id, followee_id)
WHERE pair.follower_id = viewer.id AND pair.followee_id = shared.user_id } AND NOT shared.post_id IN $s.shown
 
WITH viewer, person, shared
ORDER BY shared.k DESC
 
WITH shared
WHERE ((person.id = viewer.id OR (person.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = person.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = person.id })) AND NOT EXISTS {
MATCH ()-[pair:MUTES]->() USING INDEX SEEK pair:MUTES(muter_id, muted_id)
WHERE pair.muter_id = viewer.id AND pair.muted_id = person.id })
 
WITH shared LIMIT $s.size
 
RETURN collect({k: shared.k, id: shared.post_id}) AS shares
}
WITH posts + shares AS found,
  CASE size(posts) WHEN $s.size THEN last(posts).k ELSE coalesce(head(COLLECT {
MATCH (last:Post)
WHERE last.k <= $s.k
RETURN last.k
ORDER BY last.k DESC SKIP $s.walk - 1 LIMIT 1 }), '') END AS one,
  CASE size(shares) WHEN $s.size THEN last(shares).k ELSE coalesce(head(COLLECT {
MATCH ()-[last:SHARED]->()
WHERE last.k <= $s.k
RETURN last.k
ORDER BY last.k DESC SKIP $s.walk - 1 LIMIT 1 }), '') END AS two
RETURN found, CASE WHEN one > two THEN one ELSE two END AS floor

 
UNION ALL
 
WITH *
WHERE degree <= $s.few
 
CALL (viewer) {
 
CALL (viewer) {
 
MATCH (viewer)-[:FOLLOWS]->(person)
WHERE person.last_post_k IS NOT NULL
 
RETURN person, false AS shares, CASE
    WHEN person.last_post_k <= $s.k THEN person.last_post_k ELSE head(COLLECT {
MATCH (next:Post)
WHERE next.author_id = person.id AND next.k <= $s.k
RETURN next.k
ORDER BY next.author_id DESC, next.k DESC LIMIT 1 })
  END AS newest
 
UNION ALL
 
MATCH (viewer)-[:FOLLOWS]->(person)
 
RETURN person, true AS shares, head(COLLECT {
MATCH ()-[next:SHARED]->()
WHERE next.user_id = person.id AND next.k <= $s.k AND NOT next.post_id IN $s.shown
RETURN next.k
ORDER BY next.user_id DESC, next.k DESC LIMIT 1 }) AS newest
}
WITH viewer, person, shares, newest
WHERE newest IS NOT NULL
WITH viewer, person, shares, newest
ORDER BY newest DESC
WITH person, shares, newest
WHERE ((person.id = viewer.id OR (person.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = person.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = person.id })) AND NOT EXISTS {
MATCH ()-[pair:MUTES]->() USING INDEX SEEK pair:MUTES(muter_id, muted_id)
WHERE pair.muter_id = viewer.id AND pair.muted_id = person.id })
WITH person, shares, newest
ORDER BY newest DESC LIMIT $s.size
WITH collect({id: person.id, shares: shares, newest: newest}) AS heads
WITH heads, CASE size(heads) WHEN $s.size THEN last(heads).newest ELSE '' END AS floor
UNWIND heads AS head
CALL (head, floor) {
  UNWIND CASE WHEN head.shares THEN [] ELSE [head] END AS each
 
MATCH (post:Post)
 
WHERE post.author_id = each.id AND post.k >= floor AND post.k <= $s.k
    AND NOT post.id IN $s.shown
 
WITH post
ORDER BY post.author_id DESC, post.k DESC LIMIT $s.size
 
RETURN collect({k: post.k, id: post.id}) AS some
 
UNION ALL
  UNWIND CASE WHEN head.shares THEN [head] ELSE [] END AS each
 
MATCH ()-[shared:SHARED]->()
 
WHERE shared.user_id = each.id AND shared.k >= floor AND shared.k <= $s.k
    AND NOT shared.post_id IN $s.shown
 
WITH shared
ORDER BY shared.user_id DESC, shared.k DESC LIMIT $s.size
 
RETURN collect({k: shared.k, id: shared.post_id}) AS some
}
WITH collect(some) AS lists,
  max(CASE size(some) WHEN $s.size THEN last(some).k ELSE floor END) AS floor
RETURN reduce(all = [], some IN lists | all + some) AS found, coalesce(floor, '') AS floor

  }
 
RETURN found, floor
}
CALL (viewer) {
 
MATCH ()-[follows:FOLLOWS_TAG]->()
WHERE follows.user_id = viewer.id AND follows.k > ''
WITH follows.tag AS tag
WITH tag, head(COLLECT {
 
MATCH ()-[next:TAGGED]->()
WHERE next.tag = tag AND next.k <= $s.k
 
RETURN next.k
ORDER BY next.tag DESC, next.k DESC LIMIT 1
}) AS newest
WITH tag, newest
WHERE newest IS NOT NULL
WITH tag, newest
ORDER BY newest DESC LIMIT $s.size
WITH collect({tag: tag, newest: newest}) AS heads
WITH heads, CASE size(heads) WHEN $s.size THEN last(heads).newest ELSE '' END AS floor
UNWIND heads AS head
CALL (head, floor) {
 
MATCH (post:Post)-[tagged:TAGGED]->() USING INDEX tagged:TAGGED(tag, k)
 
WHERE tagged.tag = head.tag AND tagged.k >= floor AND tagged.k <= $s.k
    AND NOT post.id IN $s.shown
 
WITH post, tagged
ORDER BY tagged.tag DESC, tagged.k DESC LIMIT $s.size
 
RETURN collect({k: tagged.k, id: post.id}) AS some
}
WITH collect(some) AS lists,
  max(CASE size(some) WHEN $s.size THEN last(some).k ELSE floor END) AS floor
RETURN reduce(all = [], some IN lists | all + some) AS tagged, coalesce(floor, '') AS tags_floor

}
WITH viewer, found + tagged AS found,
  CASE WHEN floor > tags_floor THEN floor ELSE tags_floor END AS floor
CALL (viewer, found, floor) {
  UNWIND found AS each
 
WITH viewer, floor, each.id AS id, max(each.k) AS k
 
WITH viewer, id, k
WHERE k >= floor
 
WITH viewer, id, k
ORDER BY k DESC, id DESC
 
MATCH (post:Post {id: id})
 
WHERE post.author_id <> viewer.id AND ((post.deleted_at IS NULL AND post.removed_at IS NULL) AND (post.author_id = viewer.id OR ((post.visibility = 'PUBLIC' OR EXISTS {
MATCH ()-[pair:FOLLOWS]->() USING INDEX SEEK pair:FOLLOWS(follower_id, followee_id)
WHERE pair.follower_id = viewer.id AND pair.followee_id = post.author_id }) AND EXISTS {
MATCH (post_by:User {id: post.author_id})
WHERE (post_by.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = post_by.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = post_by.id }) })))
    AND NOT EXISTS {
MATCH ()-[pair:MUTES]->() USING INDEX SEEK pair:MUTES(muter_id, muted_id)
WHERE pair.muter_id = viewer.id AND pair.muted_id = post.author_id }
 
WITH post, k
ORDER BY k DESC, id DESC LIMIT $s.limit
 
RETURN collect({id: post.id, k: k, post_k: post.k}) AS rows
}
RETURN {rows: rows, floor: floor} AS near
} AS value

// READ
/* {
  "s": {
    "few": 400,
    "k": "k",
    "limit": 6,
    "shown": [
      ""
    ],
    "size": 16,
    "walk": 600
  },
  "viewer": {
    "role": "USER",
    "session_id": "s_alice"
  }
} */
