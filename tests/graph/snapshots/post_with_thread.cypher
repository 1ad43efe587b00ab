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
RETURN post {.id, .text, .visibility, .created_at, .edited_at, author: head(COLLECT {
MATCH (post_author:User {id: post.author_id})
RETURN post_author {.id, .username, .display_name, .bio, .role, .created_at} AS row }), stats: {likes: COUNT { (post)<-[:LIKED]-() }, comments: COUNT { (post)<-[:ON_POST]-() }, shares: COUNT { (post)<-[:SHARED]-() }, bookmarks: COUNT { (post)<-[:BOOKMARKED]-() }}, viewer: {has_liked: EXISTS {
MATCH ()-[pair:LIKED]->() USING INDEX SEEK pair:LIKED(user_id, subject_id)
WHERE pair.user_id = viewer.id AND pair.subject_id = post.id }, has_shared: EXISTS {
MATCH ()-[pair:SHARED]->() USING INDEX SEEK pair:SHARED(user_id, post_id)
WHERE pair.user_id = viewer.id AND pair.post_id = post.id }, has_bookmarked: EXISTS {
MATCH ()-[pair:BOOKMARKED]->() USING INDEX SEEK pair:BOOKMARKED(user_id, post_id)
WHERE pair.user_id = viewer.id AND pair.post_id = post.id }, has_muted_conversation: EXISTS {
MATCH ()-[pair:MUTES_CONVERSATION]->() USING INDEX SEEK pair:MUTES_CONVERSATION(user_id, post_id)
WHERE pair.user_id = viewer.id AND pair.post_id = post.id }, can_edit: post.author_id = viewer.id, can_delete: post.author_id = viewer.id, can_reply: true}, thread_0: [post.id, head(COLLECT { UNWIND [COLLECT {
MATCH (post_thread_0:Comment) USING INDEX post_thread_0:Comment(post_id, k)
WHERE post_thread_0.post_id = post.id AND post_thread_0.k > ''
WITH *, null AS post_thread_0_rank
RETURN [post_thread_0.parent_id, post_thread_0.k, post_thread_0_rank] AS bone }] AS bones
RETURN [0, [b IN bones | b[0]], [b IN bones | b[1]], [b IN bones
WHERE b[2] IS NOT NULL | b[2]]] AS skeleton })]} AS row }) AS value

// READ
/* {
  "id": "p_1",
  "s": {},
  "viewer": {
    "role": "USER",
    "session_id": "s_alice"
  }
} */
