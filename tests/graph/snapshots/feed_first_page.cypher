MATCH (session:Session {id: $viewer.session_id})
WHERE session.revoked_at IS NULL AND session.expires_at - timestamp() > 0
MATCH (viewer:User {id: session.user_id})
WHERE viewer.suspended_at IS NULL AND viewer.role = $viewer.role
RETURN COLLECT {
MATCH (viewer)-[:FOLLOWS]->(author:User)
WITH author, author.last_post_k AS newest
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
RETURN {at: post_at, node: post {.id, .text, .visibility, .created_at, .edited_at, author: head(COLLECT {
MATCH (post_author:User {id: post.author_id})
RETURN post_author {.id, .username, .display_name, .bio, .role, .created_at} AS row }), stats: {likes: COUNT { (post)<-[:LIKED]-() }, comments: COUNT { (post)<-[:ON_POST]-() }, shares: COUNT { (post)<-[:SHARED]-() }, bookmarks: COUNT { (post)<-[:BOOKMARKED]-() }}, viewer: {has_liked: EXISTS {
MATCH ()-[pair:LIKED]->() USING INDEX SEEK pair:LIKED(user_id, subject_id)
WHERE pair.user_id = viewer.id AND pair.subject_id = post.id }, has_shared: EXISTS {
MATCH ()-[pair:SHARED]->() USING INDEX SEEK pair:SHARED(user_id, post_id)
WHERE pair.user_id = viewer.id AND pair.post_id = post.id }, has_bookmarked: EXISTS {
MATCH ()-[pair:BOOKMARKED]->() USING INDEX SEEK pair:BOOKMARKED(user_id, post_id)
WHERE pair.user_id = viewer.id AND pair.post_id = post.id }, can_edit: post.author_id = viewer.id, can_delete: post.author_id = viewer.id, can_reply: true}, comments_0: COLLECT {
MATCH (post_comments_0:Comment)
WHERE post_comments_0.parent_id = post.id AND post_comments_0.k < $s.comments_0.k
WITH post_comments_0, [post_comments_0.k] AS post_comments_0_at
ORDER BY post_comments_0.parent_id DESC, post_comments_0.k DESC LIMIT $s.comments_0.limit
RETURN {at: post_comments_0_at, node: post_comments_0 {.id, .text, .depth, .created_at, .edited_at, tombstone: CASE WHEN post_comments_0.deleted_at IS NOT NULL THEN 'DELETED' WHEN post_comments_0.removed_at IS NOT NULL THEN 'REMOVED' WHEN post_comments_0.author_id = viewer.id THEN null WHEN NOT EXISTS {
MATCH (post_comments_0_by:User {id: post_comments_0.author_id})
WHERE post_comments_0_by.suspended_at IS NULL } THEN 'UNAVAILABLE' WHEN EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = post_comments_0.author_id AND pair.blocked_id = viewer.id } OR EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = post_comments_0.author_id } THEN 'BLOCKED' END, author: head(COLLECT {
MATCH (post_comments_0_author:User {id: post_comments_0.author_id})
RETURN post_comments_0_author {.id, .username, .display_name, .bio, .role, .created_at} AS row })}} AS row }}} AS row } AS value

// READ
/* {
  "s": {
    "comments_0": {
      "k": "~",
      "limit": 4
    },
    "k": "~",
    "limit": 21
  },
  "viewer": {
    "role": "USER",
    "session_id": "s_alice"
  }
} */
