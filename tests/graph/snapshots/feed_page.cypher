MATCH (session:Session {id: $viewer.session_id})
WHERE session.revoked_at IS NULL AND session.expires_at - timestamp() > 0
MATCH (viewer:User {id: session.user_id})
WHERE viewer.suspended_at IS NULL AND viewer.role = $viewer.role
RETURN COLLECT { UNWIND $s.ids AS id
MATCH (post:Post {id: id})
WHERE ((post.deleted_at IS NULL AND post.removed_at IS NULL) AND (post.author_id = viewer.id OR ((post.visibility = 'PUBLIC' OR EXISTS {
MATCH ()-[pair:FOLLOWS]->() USING INDEX SEEK pair:FOLLOWS(follower_id, followee_id)
WHERE pair.follower_id = viewer.id AND pair.followee_id = post.author_id }) AND EXISTS {
MATCH (post_by:User {id: post.author_id})
WHERE (post_by.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = post_by.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = post_by.id }) })))
RETURN {node: post {.id, .text, .visibility, .created_at, .edited_at, author: head(COLLECT {
MATCH (post_author:User {id: post.author_id})
RETURN post_author {.id, .username, .display_name, .bio, .role, .created_at} AS row }), stats: {likes: COUNT { (post)<-[:LIKED]-() }, comments: COUNT { (post)<-[:ON_POST]-() }, shares: COUNT { (post)<-[:SHARED]-() }, bookmarks: COUNT { (post)<-[:BOOKMARKED]-() }}, viewer: {has_liked: EXISTS {
MATCH ()-[pair:LIKED]->() USING INDEX SEEK pair:LIKED(user_id, subject_id)
WHERE pair.user_id = viewer.id AND pair.subject_id = post.id }, has_shared: EXISTS {
MATCH ()-[pair:SHARED]->() USING INDEX SEEK pair:SHARED(user_id, post_id)
WHERE pair.user_id = viewer.id AND pair.post_id = post.id }, has_bookmarked: EXISTS {
MATCH ()-[pair:BOOKMARKED]->() USING INDEX SEEK pair:BOOKMARKED(user_id, post_id)
WHERE pair.user_id = viewer.id AND pair.post_id = post.id }, has_muted_conversation: EXISTS {
MATCH ()-[pair:MUTES_CONVERSATION]->() USING INDEX SEEK pair:MUTES_CONVERSATION(user_id, post_id)
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
RETURN post_comments_0_author {.id, .username, .display_name, .bio, .role, .created_at} AS row })}} AS row }}, why: post {author: head(COLLECT {
MATCH (author:User {id: post.author_id})
WHERE EXISTS {
MATCH ()-[pair:FOLLOWS]->() USING INDEX SEEK pair:FOLLOWS(follower_id, followee_id)
WHERE pair.follower_id = viewer.id AND pair.followee_id = post.author_id }
RETURN author {.id, .username, .display_name, .bio, .role, .created_at} AS row }), tags: COLLECT {
MATCH (post)-[tagged:TAGGED]->(tag)
WITH viewer, tag, tagged
ORDER BY tagged.position
WITH tag, tagged
WHERE EXISTS {
MATCH ()-[pair:FOLLOWS_TAG]->() USING INDEX SEEK pair:FOLLOWS_TAG(user_id, tag)
WHERE pair.user_id = viewer.id AND pair.tag = tagged.tag }
RETURN tag {.name, .display_name} AS row }, shares: COLLECT {
CALL (viewer, post) {
  UNWIND CASE WHEN COUNT { (post)<-[:SHARED]-() } <= COUNT { (viewer)-[:FOLLOWS]->() } THEN [post] ELSE [] END AS side
 
MATCH (sharer)-[shared:SHARED]->() USING INDEX shared:SHARED(post_id, k)
 
WHERE shared.post_id = side.id AND shared.k > ''
 
WITH viewer, sharer, shared
ORDER BY shared.post_id DESC, shared.k DESC
 
WITH viewer, sharer, shared
WHERE EXISTS {
MATCH ()-[pair:FOLLOWS]->() USING INDEX SEEK pair:FOLLOWS(follower_id, followee_id)
WHERE pair.follower_id = viewer.id AND pair.followee_id = shared.user_id }
 
WITH sharer, shared
WHERE ((sharer.id = viewer.id OR (sharer.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = sharer.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = sharer.id })) AND NOT EXISTS {
MATCH ()-[pair:MUTES]->() USING INDEX SEEK pair:MUTES(muter_id, muted_id)
WHERE pair.muter_id = viewer.id AND pair.muted_id = sharer.id })
 
RETURN sharer, shared LIMIT 3
 
UNION ALL
  UNWIND CASE WHEN COUNT { (post)<-[:SHARED]-() } <= COUNT { (viewer)-[:FOLLOWS]->() } THEN [] ELSE [viewer] END AS side
 
MATCH (side)-[:FOLLOWS]->(sharer)
 
CALL (post, sharer) {
   
MATCH ()-[shared:SHARED]->() USING INDEX SEEK shared:SHARED(user_id, post_id)
   
WHERE shared.user_id = sharer.id AND shared.post_id = post.id
   
RETURN shared
  }
 
WITH viewer, sharer, shared
ORDER BY shared.k DESC
 
WITH sharer, shared
WHERE ((sharer.id = viewer.id OR (sharer.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = sharer.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = sharer.id })) AND NOT EXISTS {
MATCH ()-[pair:MUTES]->() USING INDEX SEEK pair:MUTES(muter_id, muted_id)
WHERE pair.muter_id = viewer.id AND pair.muted_id = sharer.id })
 
RETURN sharer, shared LIMIT 3
}

RETURN {at: shared.at, user: sharer {.id, .username, .display_name, .bio, .role, .created_at}} AS row
ORDER BY shared.k DESC }}} AS row } AS value

// READ
/* {
  "s": {
    "comments_0": {
      "k": "~",
      "limit": 4
    },
    "ids": [
      "p_2",
      "p_1"
    ],
    "why": {}
  },
  "viewer": {
    "role": "USER",
    "session_id": "s_alice"
  }
} */
