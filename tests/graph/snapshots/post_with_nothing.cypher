MATCH (session:Session {id: $viewer.session_id})
WHERE session.revoked_at IS NULL AND session.expires_at - timestamp() > 0
MATCH (viewer:User {id: session.user_id})
WHERE viewer.suspended_at IS NULL AND viewer.role = $viewer.role
RETURN head(COLLECT {
MATCH (post:Post {id: $id})
WHERE ((post.deleted_at IS NULL AND post.removed_at IS NULL) AND (post.author_id = viewer.id OR ((post.visibility = 'PUBLIC' OR EXISTS {
MATCH ()-[pair:FOLLOWS]->() USING INDEX SEEK pair:FOLLOWS(follower_id, followee_id)
WHERE pair.follower_id = viewer.id AND pair.followee_id = post.author_id }) AND EXISTS {
MATCH (post_by:User {id: post.author_id})
WHERE (post_by.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = post_by.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = post_by.id }) })))
RETURN post {.id, .text, .visibility, .created_at, .edited_at} AS row }) AS value

// READ
/* {
  "id": "p_1",
  "s": {},
  "viewer": {
    "role": "USER",
    "session_id": "s_alice"
  }
} */
