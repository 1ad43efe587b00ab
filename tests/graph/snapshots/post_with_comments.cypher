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
RETURN post {.id, .text, .visibility, .created_at, .edited_at, comments_0: COLLECT {
MATCH (post_comments_0:Comment)
WHERE post_comments_0.parent_id = post.id AND post_comments_0.k > ''
OPTIONAL
MATCH (post_comments_0_of:Post {id: post_comments_0.post_id})
OPTIONAL
MATCH (post_comments_0_op:User {id: post_comments_0_of.author_id})
WITH post_comments_0, log(3 + COUNT { (post_comments_0)<-[:LIKED]-() }) * CASE WHEN EXISTS {
MATCH ()-[pair:LIKED]->() USING INDEX SEEK pair:LIKED(user_id, subject_id)
WHERE pair.user_id = post_comments_0_op.id AND pair.subject_id = post_comments_0.id } THEN 1.45 ELSE 1.0 END AS post_comments_0_rank
WHERE post_comments_0_rank < $s.comments_0.rank OR (post_comments_0_rank = $s.comments_0.rank AND post_comments_0.k > $s.comments_0.k)
WITH post_comments_0, [post_comments_0_rank, post_comments_0.k] AS post_comments_0_at
ORDER BY post_comments_0_at[0] DESC, post_comments_0_at[1] LIMIT $s.comments_0.limit
RETURN {at: post_comments_0_at, node: post_comments_0 {.id, .text, .depth, .created_at, .edited_at, tombstone: CASE WHEN post_comments_0.deleted_at IS NOT NULL THEN 'DELETED' WHEN post_comments_0.removed_at IS NOT NULL THEN 'REMOVED' WHEN post_comments_0.author_id = viewer.id THEN null WHEN NOT EXISTS {
MATCH (post_comments_0_by:User {id: post_comments_0.author_id})
WHERE post_comments_0_by.suspended_at IS NULL } THEN 'UNAVAILABLE' WHEN EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = post_comments_0.author_id AND pair.blocked_id = viewer.id } OR EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = post_comments_0.author_id } THEN 'BLOCKED' END, author: head(COLLECT {
MATCH (post_comments_0_author:User {id: post_comments_0.author_id})
RETURN post_comments_0_author {.id, .username, .display_name, .bio, .role, .created_at} AS row })}} AS row }, comments_1: COLLECT {
MATCH (post_comments_1:Comment)
WHERE post_comments_1.parent_id = post.id AND post_comments_1.k > ''
OPTIONAL
MATCH (post_comments_1_of:Post {id: post_comments_1.post_id})
OPTIONAL
MATCH (post_comments_1_op:User {id: post_comments_1_of.author_id})
WITH post_comments_1, COUNT { (post_comments_1)<-[:LIKED]-() } AS post_comments_1_rank
WHERE post_comments_1_rank < $s.comments_1.rank OR (post_comments_1_rank = $s.comments_1.rank AND post_comments_1.k > $s.comments_1.k)
WITH post_comments_1, [post_comments_1_rank, post_comments_1.k] AS post_comments_1_at
ORDER BY post_comments_1_at[0] DESC, post_comments_1_at[1] LIMIT $s.comments_1.limit
RETURN {at: post_comments_1_at, node: post_comments_1 {.id, .text, .depth, .created_at, .edited_at, tombstone: CASE WHEN post_comments_1.deleted_at IS NOT NULL THEN 'DELETED' WHEN post_comments_1.removed_at IS NOT NULL THEN 'REMOVED' WHEN post_comments_1.author_id = viewer.id THEN null WHEN NOT EXISTS {
MATCH (post_comments_1_by:User {id: post_comments_1.author_id})
WHERE post_comments_1_by.suspended_at IS NULL } THEN 'UNAVAILABLE' WHEN EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = post_comments_1.author_id AND pair.blocked_id = viewer.id } OR EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = post_comments_1.author_id } THEN 'BLOCKED' END, author: head(COLLECT {
MATCH (post_comments_1_author:User {id: post_comments_1.author_id})
RETURN post_comments_1_author {.id, .username, .display_name, .bio, .role, .created_at} AS row })}} AS row }, comments_2: COLLECT {
MATCH (post_comments_2:Comment)
WHERE post_comments_2.parent_id = post.id AND post_comments_2.k < $s.comments_2.k
WITH post_comments_2, [post_comments_2.k] AS post_comments_2_at
ORDER BY post_comments_2.parent_id DESC, post_comments_2.k DESC LIMIT $s.comments_2.limit
RETURN {at: post_comments_2_at, node: post_comments_2 {.id, .text, .depth, .created_at, .edited_at, tombstone: CASE WHEN post_comments_2.deleted_at IS NOT NULL THEN 'DELETED' WHEN post_comments_2.removed_at IS NOT NULL THEN 'REMOVED' WHEN post_comments_2.author_id = viewer.id THEN null WHEN NOT EXISTS {
MATCH (post_comments_2_by:User {id: post_comments_2.author_id})
WHERE post_comments_2_by.suspended_at IS NULL } THEN 'UNAVAILABLE' WHEN EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = post_comments_2.author_id AND pair.blocked_id = viewer.id } OR EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = post_comments_2.author_id } THEN 'BLOCKED' END, author: head(COLLECT {
MATCH (post_comments_2_author:User {id: post_comments_2.author_id})
RETURN post_comments_2_author {.id, .username, .display_name, .bio, .role, .created_at} AS row })}} AS row }, comments_3: COLLECT {
MATCH (post_comments_3:Comment)
WHERE post_comments_3.parent_id = post.id AND post_comments_3.k > $s.comments_3.k
WITH post_comments_3, [post_comments_3.k] AS post_comments_3_at
ORDER BY post_comments_3.parent_id, post_comments_3.k LIMIT $s.comments_3.limit
RETURN {at: post_comments_3_at, node: post_comments_3 {.id, .text, .depth, .created_at, .edited_at, tombstone: CASE WHEN post_comments_3.deleted_at IS NOT NULL THEN 'DELETED' WHEN post_comments_3.removed_at IS NOT NULL THEN 'REMOVED' WHEN post_comments_3.author_id = viewer.id THEN null WHEN NOT EXISTS {
MATCH (post_comments_3_by:User {id: post_comments_3.author_id})
WHERE post_comments_3_by.suspended_at IS NULL } THEN 'UNAVAILABLE' WHEN EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = post_comments_3.author_id AND pair.blocked_id = viewer.id } OR EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = post_comments_3.author_id } THEN 'BLOCKED' END, author: head(COLLECT {
MATCH (post_comments_3_author:User {id: post_comments_3.author_id})
RETURN post_comments_3_author {.id, .username, .display_name, .bio, .role, .created_at} AS row })}} AS row }} AS row }) AS value

// READ
/* {
  "id": "p_1",
  "s": {
    "comments_0": {
      "k": "",
      "limit": 21,
      "rank": 1e+300
    },
    "comments_1": {
      "k": "",
      "limit": 21,
      "rank": 1e+300
    },
    "comments_2": {
      "k": "~",
      "limit": 21
    },
    "comments_3": {
      "k": "",
      "limit": 21
    }
  },
  "viewer": {
    "role": "USER",
    "session_id": "s_alice"
  }
} */
