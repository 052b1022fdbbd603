import type { Statement } from "../../../../db/database.ts";
import type { StoredChunk } from "../found-chunk.ts";

/** What PostgreSQL runs; lists go in as JSON arrays, but for contents, by whose number it plans: see `contentsArray`. */
const statement = <Params, Row>(
  sql: string,
  ...params: (keyof Params & string)[]
): Statement<Params, Row> => ({
  sql,
  bindings: params.map((param) => ({ param })),
});

const inContents = (place: string) => `chunk.content_id = any (${place}::text[])`;

/** Ids of contents as PostgreSQL spells an array. */
export const contentsArray = (ids: readonly string[]) =>
  `{${ids.map((id) => `"${id.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;

/** How many chunks hold each word, counted no further than `limit`, and about how many chunks there are. */
export const countWords = statement<
  { words: string; limit: number },
  { word: string; count: number; chunk_count: number }
>(
  `select word,
      (select count(*) from (
        select from chunk where words @@ plainto_tsquery('english', word) limit $2::bigint
      ) as matching) as count,
      (select case when reltuples > 0 then reltuples else (select count(*) from chunk) end
        from pg_class where oid = 'chunk'::regclass) as chunk_count
    from json_array_elements_text($1::json) as word
    where numnode(plainto_tsquery('english', word)) > 0`,
  "words",
  "limit",
);

/**
 * Chunks that hold any of the words, with the sum of the words' weights, each times 0.45 for one place in the text and up to
 * 1 for many, or for headings. What `ts_rank` gives for one word is bounded so; it knows no rarity of words.
 */
export const matchWords = statement<
  { words: string; contents: string; limit: number },
  { id: number; score: number }
>(
  `select chunk.id,
      sum(asked.weight * ts_rank('{0.74, 0.74, 0.74, 1}', chunk.words, asked.query)) as score
    from (
      select plainto_tsquery('english', entry ->> 'word') as query, (entry ->> 'weight')::float8 as weight
        from json_array_elements($1::json) as entry
    ) as asked
    join chunk on chunk.words @@ asked.query
    where ${inContents("$2")}
    group by chunk.id
    order by score desc, chunk.id
    limit $3::bigint`,
  "words",
  "contents",
  "limit",
);

/**
 * The chunks whose sketches differ least from the question's, found in two indexes that hold nothing else. Those of
 * another length come last: a condition on it would be planned for as one that hardly any fulfil. Where a server has pgvector, an index on its vectors can
 * stand in for this statement; nothing else knows how candidates are found.
 */
export const nearestSketches = statement<
  { embedder: string; bytes: number; sketch: string; contents: string; limit: number },
  { chunk_id: number; vector: Uint8Array }
>(
  `select chunk_id, vector from chunk_vector
    where length(vector) = $2::bigint and chunk_id = any (array(
      select chunk_id from chunk_vector join chunk on chunk.id = chunk_id
        where embedder = $1 and ${inContents("$4")}
        order by case when length(sketch) = length($3::varbit) then bit_count(sketch # $3::varbit) end, chunk_id
        limit $5::bigint
    ))`,
  "embedder",
  "bytes",
  "sketch",
  "contents",
  "limit",
);

export const vectorsOf = statement<
  { embedder: string; bytes: number; ids: string },
  { chunk_id: number; vector: Uint8Array }
>(
  `select chunk_id, vector from chunk_vector
    where chunk_id = any (array(select json_array_elements_text($3::json)::bigint))
      and embedder = $1 and length(vector) = $2::bigint`,
  "embedder",
  "bytes",
  "ids",
);

export const chunksOf = statement<{ ids: string }, StoredChunk>(
  `select id, content_id, position, page, start_offset, end_offset, token_count, headings_json, text
    from chunk where id = any (array(select json_array_elements_text($1::json)::bigint))`,
  "ids",
);
