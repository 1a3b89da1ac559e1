/** What `main.js` loads to compile the program: every module of the server and of its threads, and nothing runs. */
import './commit-thread.ts';
import './delivery/poster-thread.ts';
import './serve.ts';
import './storage/checkpoint-thread.ts';
