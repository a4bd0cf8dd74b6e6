"""The rules: findings about a topology and about a host, one small generator each."""
