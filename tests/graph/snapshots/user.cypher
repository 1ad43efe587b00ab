MATCH (session:Session {id: $viewer.session_id})
WHERE session.revoked_at IS NULL AND session.expires_at - timestamp() > 0
MATCH (viewer:User {id: session.user_id})
WHERE viewer.suspended_at IS NULL AND viewer.role = $viewer.role
RETURN head(COLLECT {
MATCH (user:User {username: $username})
WHERE (user.id = viewer.id OR (user.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = user.id AND pair.blocked_id = viewer.id }))
RETURN user {.id, .username, .display_name, .bio, .role, .created_at, stats: {followers: COUNT { (user)<-[:FOLLOWS]-() }, following: COUNT { (user)-[:FOLLOWS]->() }, posts: COUNT { (user)-[:POSTED]->() }, comments: COUNT { (user)-[:COMMENTED]->() }}, viewer: {following: EXISTS {
MATCH ()-[pair:FOLLOWS]->() USING INDEX SEEK pair:FOLLOWS(follower_id, followee_id)
WHERE pair.follower_id = viewer.id AND pair.followee_id = user.id }, followed_by: EXISTS {
MATCH ()-[pair:FOLLOWS]->() USING INDEX SEEK pair:FOLLOWS(follower_id, followee_id)
WHERE pair.follower_id = user.id AND pair.followee_id = viewer.id }, blocking: EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = user.id }, muting: EXISTS {
MATCH ()-[pair:MUTES]->() USING INDEX SEEK pair:MUTES(muter_id, muted_id)
WHERE pair.muter_id = viewer.id AND pair.muted_id = user.id }}, posts_0: COLLECT {
MATCH (user_posts_0:Post)
WHERE user_posts_0.author_id = user.id AND user_posts_0.k < $s.posts_0.k AND ((user_posts_0.deleted_at IS NULL AND user_posts_0.removed_at IS NULL) AND (user_posts_0.author_id = viewer.id OR ((user_posts_0.visibility = 'PUBLIC' OR EXISTS {
MATCH ()-[pair:FOLLOWS]->() USING INDEX SEEK pair:FOLLOWS(follower_id, followee_id)
WHERE pair.follower_id = viewer.id AND pair.followee_id = user_posts_0.author_id }) AND EXISTS {
MATCH (user_posts_0_by:User {id: user_posts_0.author_id})
WHERE (user_posts_0_by.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = user_posts_0_by.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = user_posts_0_by.id }) })))
WITH user_posts_0, [user_posts_0.k] AS user_posts_0_at
ORDER BY user_posts_0.author_id DESC, user_posts_0.k DESC LIMIT $s.posts_0.limit
RETURN {at: user_posts_0_at, node: user_posts_0 {.id, .text, .visibility, .created_at, .edited_at}} AS row }, followers_0: COLLECT {
MATCH (user_followers_0)-[user_followers_0_r:FOLLOWS]->()
WHERE user_followers_0_r.followee_id = user.id AND user_followers_0_r.k < $s.followers_0.k AND (user_followers_0.id = viewer.id OR (user_followers_0.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = user_followers_0.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = user_followers_0.id }))
WITH user_followers_0, [user_followers_0_r.k] AS user_followers_0_at, user_followers_0_r
ORDER BY user_followers_0_r.followee_id DESC, user_followers_0_r.k DESC LIMIT $s.followers_0.limit
RETURN {at: user_followers_0_at, node: user_followers_0 {.id, .username, .display_name, .bio, .role, .created_at}} AS row }, following_0: COLLECT {
MATCH ()-[user_following_0_r:FOLLOWS]->(user_following_0)
WHERE user_following_0_r.follower_id = user.id AND user_following_0_r.k < $s.following_0.k AND (user_following_0.id = viewer.id OR (user_following_0.suspended_at IS NULL AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = user_following_0.id AND pair.blocked_id = viewer.id } AND NOT EXISTS {
MATCH ()-[pair:BLOCKS]->() USING INDEX SEEK pair:BLOCKS(blocker_id, blocked_id)
WHERE pair.blocker_id = viewer.id AND pair.blocked_id = user_following_0.id }))
WITH user_following_0, [user_following_0_r.k] AS user_following_0_at, user_following_0_r
ORDER BY user_following_0_r.follower_id DESC, user_following_0_r.k DESC LIMIT $s.following_0.limit
RETURN {at: user_following_0_at, node: user_following_0 {.id, .username, .display_name, .bio, .role, .created_at}} AS row }} AS row }) AS value

// READ
/* {
  "s": {
    "followers_0": {
      "k": "~",
      "limit": 21
    },
    "following_0": {
      "k": "~",
      "limit": 21
    },
    "posts_0": {
      "k": "~",
      "limit": 21
    }
  },
  "username": "bob",
  "viewer": {
    "role": "USER",
    "session_id": "s_alice"
  }
} */
