import { inject } from "vitest";

const url = inject("postgresUrl");
if (url !== "") {
  process.env.OFFSTAGE_TEST_POSTGRES_URL = url;
  process.env.OFFSTAGE_TEST_DATABASE = "postgres";
}
