MATCH (session:Session {id: $viewer.session_id})
WHERE session.revoked_at IS NULL AND session.expires_at - timestamp() > 0
MATCH (viewer:User {id: session.user_id})
WHERE viewer.suspended_at IS NULL AND viewer.role = $viewer.role
RETURN COLLECT {
MATCH (post:Post)
WHERE post.author_id = $author_id AND post.k < $s.k AND ((post.deleted_at IS NULL AND post.removed_at IS NULL) AND (post.author_id = viewer.id OR ((post.visibility = 'PUBLIC' OR EXISTS {
MATCH ()-[pair:FOLLOWS]->() USING INDEX SEEK pair:FOLLOWS(follower_id, followee_id)
WHERE pair.follower_id = viewer.id AND pair.followee_id = post.author_id }) AND EXISTS {
MATCH (post_by:User {id: post.author_id})
WHERE (post_by.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = post_by.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = post_by.id }) })))
WITH post, [post.k] AS post_at
ORDER BY post.author_id DESC, post.k DESC LIMIT $s.limit
RETURN {at: post_at, node: post {.id, .text, .visibility, .created_at, .edited_at}} AS row } AS value

// READ
/* {
  "author_id": "u_bob",
  "length": 86400000,
  "s": {
    "k": "~",
    "limit": 21
  },
  "viewer": {
    "role": "USER",
    "session_id": "s_alice"
  },
  "weights": {
    "comments": 2,
    "likes": 1,
    "shares": 3
  }
} */
