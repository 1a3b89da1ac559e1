import { type CompiledOperation, compileContract } from './compile-contract.ts';
import { type Contract, readContract } from './contract.ts';

/** openapi.yaml as a value, and its operations with all that requests and replies are checked with. */
export interface LoadedContract {
  document: Contract;
  operations: readonly CompiledOperation[];
}

/** Reads the contract (50 ms). It depends on nothing else, so a start can do it while the database opens. */
export function loadContract(): LoadedContract {
  const document = readContract();
  return { document, operations: compileContract(document) };
}
