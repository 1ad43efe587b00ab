MATCH (session:Session {id: $viewer.session_id})
WHERE session.revoked_at IS NULL AND session.expires_at - timestamp() > 0
MATCH (viewer:User {id: session.user_id})
WHERE viewer.suspended_at IS NULL AND viewer.role = $viewer.role
RETURN head(COLLECT {
MATCH (comment:Comment {id: $id})
MATCH (comment_root:Post {id: comment.post_id})
WHERE ((comment_root.deleted_at IS NULL AND comment_root.removed_at IS NULL) AND (comment_root.author_id = viewer.id OR ((comment_root.visibility = 'PUBLIC' OR EXISTS {
MATCH ()-[pair:FOLLOWS]->() USING INDEX SEEK pair:FOLLOWS(follower_id, followee_id)
WHERE pair.follower_id = viewer.id AND pair.followee_id = comment_root.author_id }) AND EXISTS {
MATCH (comment_root_by:User {id: comment_root.author_id})
WHERE (comment_root_by.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = comment_root_by.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = comment_root_by.id }) })))
RETURN comment {.id, .text, .depth, .created_at, .edited_at, tombstone: CASE WHEN comment.deleted_at IS NOT NULL THEN 'DELETED' WHEN comment.removed_at IS NOT NULL THEN 'REMOVED' WHEN comment.author_id = viewer.id THEN null WHEN NOT EXISTS {
MATCH (comment_by:User {id: comment.author_id})
WHERE comment_by.suspended_at IS NULL } THEN 'UNAVAILABLE' WHEN EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = comment.author_id AND pair.blocked_id = viewer.id } OR EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = comment.author_id } THEN 'BLOCKED' END, stats: {likes: COUNT { (comment)<-[:LIKED]-() }, replies: COUNT { (comment)<-[:REPLY_TO]-() }}, viewer: {has_liked: EXISTS {
MATCH ()-[pair:LIKED]->() USING INDEX SEEK pair:LIKED(user_id, subject_id)
WHERE pair.user_id = viewer.id AND pair.subject_id = comment.id }, has_shared: false, has_bookmarked: false, has_muted_conversation: EXISTS {
MATCH ()-[pair:MUTES_CONVERSATION]->() USING INDEX SEEK pair:MUTES_CONVERSATION(user_id, post_id)
WHERE pair.user_id = viewer.id AND pair.post_id = comment.post_id }, can_edit: comment.author_id = viewer.id, can_delete: comment.author_id = viewer.id, can_reply: true}, replies_0: COLLECT {
MATCH (comment_replies_0:Comment)
WHERE comment_replies_0.parent_id = comment.id AND comment_replies_0.k > ''
OPTIONAL
MATCH (comment_replies_0_of:Post {id: comment_replies_0.post_id})
OPTIONAL
MATCH (comment_replies_0_op:User {id: comment_replies_0_of.author_id})
WITH comment_replies_0, log(3 + COUNT { (comment_replies_0)<-[:LIKED]-() }) * CASE WHEN EXISTS {
MATCH ()-[pair:LIKED]->() USING INDEX SEEK pair:LIKED(user_id, subject_id)
WHERE pair.user_id = comment_replies_0_op.id AND pair.subject_id = comment_replies_0.id } THEN 1.45 ELSE 1.0 END AS comment_replies_0_rank
WHERE comment_replies_0_rank < $s.replies_0.rank OR (comment_replies_0_rank = $s.replies_0.rank AND comment_replies_0.k > $s.replies_0.k)
WITH comment_replies_0, [comment_replies_0_rank, comment_replies_0.k] AS comment_replies_0_at
ORDER BY comment_replies_0_at[0] DESC, comment_replies_0_at[1] LIMIT $s.replies_0.limit
RETURN {at: comment_replies_0_at, node: comment_replies_0 {.id, .text, .depth, .created_at, .edited_at, tombstone: CASE WHEN comment_replies_0.deleted_at IS NOT NULL THEN 'DELETED' WHEN comment_replies_0.removed_at IS NOT NULL THEN 'REMOVED' WHEN comment_replies_0.author_id = viewer.id THEN null WHEN NOT EXISTS {
MATCH (comment_replies_0_by:User {id: comment_replies_0.author_id})
WHERE comment_replies_0_by.suspended_at IS NULL } THEN 'UNAVAILABLE' WHEN EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = comment_replies_0.author_id AND pair.blocked_id = viewer.id } OR EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = comment_replies_0.author_id } THEN 'BLOCKED' END, replies_0: COLLECT {
MATCH (comment_replies_0_replies_0:Comment)
WHERE comment_replies_0_replies_0.parent_id = comment_replies_0.id AND comment_replies_0_replies_0.k < $s.replies_0.replies_0.k
WITH comment_replies_0_replies_0, [comment_replies_0_replies_0.k] AS comment_replies_0_replies_0_at
ORDER BY comment_replies_0_replies_0.parent_id DESC, comment_replies_0_replies_0.k DESC LIMIT $s.replies_0.replies_0.limit
RETURN {at: comment_replies_0_replies_0_at, node: comment_replies_0_replies_0 {.id, .text, .depth, .created_at, .edited_at, tombstone: CASE WHEN comment_replies_0_replies_0.deleted_at IS NOT NULL THEN 'DELETED' WHEN comment_replies_0_replies_0.removed_at IS NOT NULL THEN 'REMOVED' WHEN comment_replies_0_replies_0.author_id = viewer.id THEN null WHEN NOT EXISTS {
MATCH (comment_replies_0_replies_0_by:User {id: comment_replies_0_replies_0.author_id})
WHERE comment_replies_0_replies_0_by.suspended_at IS NULL } THEN 'UNAVAILABLE' WHEN EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = comment_replies_0_replies_0.author_id AND pair.blocked_id = viewer.id } OR EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = comment_replies_0_replies_0.author_id } THEN 'BLOCKED' END}} AS row }}} AS row }, post: head(COLLECT {
MATCH (comment_post:Post {id: comment.post_id})
RETURN comment_post {.id, .text, .visibility, .created_at, .edited_at} AS row }), parent: head(COLLECT {
MATCH (comment_parent:Comment {id: comment.parent_id})
RETURN comment_parent {.id, .text, .depth, .created_at, .edited_at, tombstone: CASE WHEN comment_parent.deleted_at IS NOT NULL THEN 'DELETED' WHEN comment_parent.removed_at IS NOT NULL THEN 'REMOVED' WHEN comment_parent.author_id = viewer.id THEN null WHEN NOT EXISTS {
MATCH (comment_parent_by:User {id: comment_parent.author_id})
WHERE comment_parent_by.suspended_at IS NULL } THEN 'UNAVAILABLE' WHEN EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = comment_parent.author_id AND pair.blocked_id = viewer.id } OR EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = comment_parent.author_id } THEN 'BLOCKED' END} AS row })} AS row }) AS value

// READ
/* {
  "id": "c_1",
  "s": {
    "replies_0": {
      "k": "",
      "limit": 4,
      "rank": 1e+300,
      "replies_0": {
        "k": "~",
        "limit": 21
      }
    }
  },
  "viewer": {
    "role": "USER",
    "session_id": "s_alice"
  }
} */
