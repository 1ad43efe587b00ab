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
RETURN post_author {.id, .username, .display_name, .bio, .role, .created_at} AS row }), stats: {likes: COUNT { (post)<-[:LIKED]-() }, comments: COUNT { (post)<-[:ON_POST]-() }, shares: COUNT { (post)<-[:SHARED]-() }}, viewer: {has_liked: EXISTS {
MATCH ()-[pair:LIKED]->() USING INDEX SEEK pair:LIKED(user_id, subject_id)
WHERE pair.user_id = viewer.id AND pair.subject_id = post.id }, has_shared: EXISTS {
MATCH ()-[pair:SHARED]->() USING INDEX SEEK pair:SHARED(user_id, post_id)
WHERE pair.user_id = viewer.id AND pair.post_id = post.id }, can_edit: post.author_id = viewer.id, can_delete: post.author_id = viewer.id, can_reply: true}, thread_0: [post.id, COLLECT {
OPTIONAL
MATCH (post_thread_0_author:User {id: post.author_id})
MATCH (post_thread_0_root:Post {id: post.id})
MATCH (post_thread_0_root)<-[:REPLY_TO|ONCE_REPLY_TO]-+(post_thread_0:Comment)
RETURN [post_thread_0.id, post_thread_0.parent_id, post_thread_0.k, COUNT { (post_thread_0)<-[:LIKED]-() }, EXISTS {
MATCH ()-[pair:LIKED]->() USING INDEX SEEK pair:LIKED(user_id, subject_id)
WHERE pair.user_id = post_thread_0_author.id AND pair.subject_id = post_thread_0.id }, post_thread_0.depth] AS bone }]} AS row }) AS value

// READ
/* {
  "id": "p_1",
  "s": {},
  "viewer": {
    "role": "USER",
    "session_id": "s_alice"
  }
} */
