import { expect, it } from "vitest";
import { slimRequirements } from "../../scripts/real/requirements.ts";

it("keeps a wheel's own requirements and pins, without model runtimes and optional extras", () => {
  const metadata = [
    "Metadata-Version: 2.4",
    "Requires-Dist: fastapi==0.115.7",
    "Requires-Dist: passlib[bcrypt]==1.7.4",
    "Requires-Dist: sentence_transformers==4.1.0",
    "Requires-Dist: pytest-docker~=3.1.1",
    "Requires-Dist: colbert-ai==0.2.21; extra == 'all'",
    "Requires-Dist: pgvector==0.4.0; extra == 'all'",
    "Requires-Dist: aiosqlite==0.21.0; python_version >= '3.11'",
  ].join("\r\n");
  expect(slimRequirements(metadata)).toEqual([
    "fastapi==0.115.7",
    "passlib[bcrypt]==1.7.4",
    "aiosqlite==0.21.0; python_version >= '3.11'",
    "beautifulsoup4",
    "itsdangerous",
  ]);
});

it("gives a wheel what its code imports where it names something else", () => {
  const metadata = [
    "Version: 0.6.42",
    "Requires-Dist: langchain==0.3.27",
    "Requires-Dist: itsdangerous",
  ].join("\n");
  expect(slimRequirements(metadata)).toEqual([
    "itsdangerous",
    "langchain==1.2.0",
    "langchain-classic==1.0.0",
    "langchain-community==0.4.1",
    "beautifulsoup4",
    "aiosqlite",
  ]);
});
