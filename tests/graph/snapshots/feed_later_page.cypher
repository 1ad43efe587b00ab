MATCH (session:Session {id: $viewer.session_id})
WHERE session.revoked_at IS NULL AND session.expires_at - timestamp() > 0
MATCH (viewer:User {id: session.user_id})
WHERE viewer.suspended_at IS NULL AND viewer.role = $viewer.role
RETURN COLLECT {
MATCH (viewer)-[:FOLLOWS]->(author:User)
WITH author, head(COLLECT {
MATCH (next:Post)
WHERE next.author_id = author.id AND next.k < $s.k AND ((next.deleted_at IS NULL AND next.removed_at IS NULL) AND (next.author_id = viewer.id OR ((next.visibility = 'PUBLIC' OR EXISTS {
MATCH ()-[pair:FOLLOWS]->() USING INDEX SEEK pair:FOLLOWS(follower_id, followee_id)
WHERE pair.follower_id = viewer.id AND pair.followee_id = next.author_id }) AND EXISTS {
MATCH (next_by:User {id: next.author_id})
WHERE (next_by.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = next_by.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = next_by.id }) })))
RETURN next.k
ORDER BY next.author_id DESC, next.k DESC LIMIT 1 }) AS newest
WHERE newest IS NOT NULL
WITH author, newest
ORDER BY newest DESC
WITH author, newest
WHERE ((author.id = viewer.id OR (author.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = author.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = author.id })) AND NOT EXISTS {
MATCH ()-[pair:MUTES]->() USING INDEX SEEK pair:MUTES(muter_id, muted_id)
WHERE pair.muter_id = viewer.id AND pair.muted_id = author.id })
WITH author, newest
ORDER BY newest DESC LIMIT $s.limit
WITH collect({id: author.id, newest: newest}) AS authors
WITH authors, CASE size(authors) WHEN $s.limit THEN last(authors).newest ELSE '' END AS floor UNWIND authors AS author
CALL (viewer, author, floor) {
MATCH (post:Post)
WHERE post.author_id = author.id AND post.k >= floor AND post.k < $s.k AND ((post.deleted_at IS NULL AND post.removed_at IS NULL) AND (post.author_id = viewer.id OR ((post.visibility = 'PUBLIC' OR EXISTS {
MATCH ()-[pair:FOLLOWS]->() USING INDEX SEEK pair:FOLLOWS(follower_id, followee_id)
WHERE pair.follower_id = viewer.id AND pair.followee_id = post.author_id }) AND EXISTS {
MATCH (post_by:User {id: post.author_id})
WHERE (post_by.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = post_by.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = post_by.id }) })))
RETURN post
ORDER BY post.author_id DESC, post.k DESC LIMIT $s.limit }
WITH post, [post.k] AS post_at
ORDER BY post.k DESC LIMIT $s.limit
RETURN {at: post_at, node: post {.id, .text, .visibility, .created_at, .edited_at}} AS row } AS value

// READ
/* {
  "s": {
    "k": "k",
    "limit": 6
  },
  "viewer": {
    "role": "USER",
    "session_id": "s_alice"
  }
} */
