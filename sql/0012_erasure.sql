-- Erasure destroys parts by their key, and asks which keys have none left. Written by ledger/erasure.ts.
create index parts_data_key on parts (data_key);
