/** The writing thread without procedures: for tools and tests that only need the tables. */
import { serveSqlite } from './sqlite-thread.ts';

serveSqlite({});
