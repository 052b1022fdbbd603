/** What reading one document may cost. */
export interface ExtractionLimits {
  maxFileBytes: number;
  /** From when the document's turn comes until it is read. */
  timeoutMs: number;
  /** Of the process that reads, all together; it takes about 70 itself. */
  maxMemoryMb: number;
  /** Of the text that comes out, in UTF-16 units. */
  maxTextChars: number;
  maxPages: number;
  /** What a ZIP file (DOCX) may hold: counted as it is inflated, whatever it declares. */
  maxZipEntries: number;
  maxInflatedBytes: number;
  /** Inflated to packed, for all entries together, once more than 10 MiB have come out. */
  maxInflationRatio: number;
}

export const DEFAULT_LIMITS: ExtractionLimits = {
  maxFileBytes: 100 * 1024 * 1024,
  timeoutMs: 120_000,
  maxMemoryMb: 512,
  maxTextChars: 20_000_000,
  maxPages: 5_000,
  maxZipEntries: 10_000,
  maxInflatedBytes: 300 * 1024 * 1024,
  maxInflationRatio: 200,
};
