import type { Migration } from "#server/postgres/Migrations.ts"

/** What runs on a token, for its concurrency limit: asked at each start on a token that has one. */
export const openTokens: Migration = [
  `create index transactions_open_token on transactions (token_uid, id) where status = 'Open' and token_uid is not null`
]
