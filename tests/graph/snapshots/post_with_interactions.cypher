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
RETURN post {.id, .text, .visibility, .created_at, .edited_at, interactions_0: COLLECT {
CALL (viewer, post) {
MATCH (by)-[r:LIKED]->()
WHERE r.subject_id = post.id AND r.k < $s.interactions_0.k AND (by.id = viewer.id OR (by.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = by.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = by.id }))
RETURN {id: 'i_LIKE_' + r.user_id + '_' + r.subject_id, kind: 'LIKE', actor_id: r.user_id, subject_id: r.subject_id, created_at: r.at, k: r.k} AS post_interactions_0
ORDER BY r.subject_id DESC, r.k DESC LIMIT $s.interactions_0.likes
UNION ALL
MATCH (by)-[r:SHARED]->()
WHERE r.post_id = post.id AND r.k < $s.interactions_0.k AND (by.id = viewer.id OR (by.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = by.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = by.id }))
RETURN {id: 'i_SHARE_' + r.user_id + '_' + r.post_id, kind: 'SHARE', actor_id: r.user_id, subject_id: r.post_id, created_at: r.at, k: r.k} AS post_interactions_0
ORDER BY r.post_id DESC, r.k DESC LIMIT $s.interactions_0.shares
UNION ALL
MATCH (c)-[r:ON_POST]->()
WHERE r.post_id = post.id AND r.k < $s.interactions_0.k AND ((c.deleted_at IS NULL AND c.removed_at IS NULL) AND (c.author_id = viewer.id OR EXISTS {
MATCH (c_by:User {id: c.author_id})
WHERE (c_by.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = c_by.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = c_by.id }) }))
RETURN {id: 'i_COMMENT_' + c.author_id + '_' + c.id, kind: 'COMMENT', actor_id: c.author_id, subject_id: c.id, created_at: r.at, k: r.k} AS post_interactions_0
ORDER BY r.post_id DESC, r.k DESC LIMIT $s.interactions_0.comments }
WITH post_interactions_0, [post_interactions_0.k] AS post_interactions_0_at
ORDER BY post_interactions_0.k DESC LIMIT $s.interactions_0.limit
RETURN {at: post_interactions_0_at, node: post_interactions_0 {.id, .kind, .created_at, actor: head(COLLECT {
MATCH (post_interactions_0_actor:User {id: post_interactions_0.actor_id})
RETURN post_interactions_0_actor {.id, .username, .display_name, .bio, .role, .created_at} AS row }), subject: {post: head(COLLECT {
MATCH (post_interactions_0_post:Post {id: post_interactions_0.subject_id})
WHERE ((post_interactions_0_post.deleted_at IS NULL AND post_interactions_0_post.removed_at IS NULL) AND (post_interactions_0_post.author_id = viewer.id OR ((post_interactions_0_post.visibility = 'PUBLIC' OR EXISTS {
MATCH ()-[pair:FOLLOWS]->() USING INDEX SEEK pair:FOLLOWS(follower_id, followee_id)
WHERE pair.follower_id = viewer.id AND pair.followee_id = post_interactions_0_post.author_id }) AND EXISTS {
MATCH (post_interactions_0_post_by:User {id: post_interactions_0_post.author_id})
WHERE (post_interactions_0_post_by.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = post_interactions_0_post_by.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = post_interactions_0_post_by.id }) })))
RETURN post_interactions_0_post {.id, .text, .visibility, .created_at, .edited_at} AS row }), comment: head(COLLECT {
MATCH (post_interactions_0_comment:Comment {id: post_interactions_0.subject_id})
MATCH (post_interactions_0_comment_root:Post {id: post_interactions_0_comment.post_id})
WHERE ((post_interactions_0_comment_root.deleted_at IS NULL AND post_interactions_0_comment_root.removed_at IS NULL) AND (post_interactions_0_comment_root.author_id = viewer.id OR ((post_interactions_0_comment_root.visibility = 'PUBLIC' OR EXISTS {
MATCH ()-[pair:FOLLOWS]->() USING INDEX SEEK pair:FOLLOWS(follower_id, followee_id)
WHERE pair.follower_id = viewer.id AND pair.followee_id = post_interactions_0_comment_root.author_id }) AND EXISTS {
MATCH (post_interactions_0_comment_root_by:User {id: post_interactions_0_comment_root.author_id})
WHERE (post_interactions_0_comment_root_by.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = post_interactions_0_comment_root_by.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = post_interactions_0_comment_root_by.id }) })))
RETURN post_interactions_0_comment {.id, .text, .depth, .created_at, .edited_at, tombstone: CASE WHEN post_interactions_0_comment.deleted_at IS NOT NULL THEN 'DELETED' WHEN post_interactions_0_comment.removed_at IS NOT NULL THEN 'REMOVED' WHEN post_interactions_0_comment.author_id = viewer.id THEN null WHEN NOT EXISTS {
MATCH (post_interactions_0_comment_by:User {id: post_interactions_0_comment.author_id})
WHERE post_interactions_0_comment_by.suspended_at IS NULL } THEN 'UNAVAILABLE' WHEN EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = post_interactions_0_comment.author_id AND pair.blocked_id = viewer.id } OR EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = post_interactions_0_comment.author_id } THEN 'BLOCKED' END, stats: {likes: COUNT { (post_interactions_0_comment)<-[:LIKED]-() }, replies: COUNT { (post_interactions_0_comment)<-[:REPLY_TO]-() }}} AS row })}}} AS row }} AS row }) AS value

// READ
/* {
  "id": "p_1",
  "s": {
    "interactions_0": {
      "comments": 0,
      "k": "~",
      "likes": 21,
      "limit": 21,
      "shares": 21,
      "subject": {
        "comment": {},
        "post": {}
      }
    }
  },
  "viewer": {
    "role": "USER",
    "session_id": "s_alice"
  }
} */
