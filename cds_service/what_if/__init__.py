"""What would change the advice: what can be supposed of a record, the request judged anew with it, and the smallest sets that flip a verdict."""
